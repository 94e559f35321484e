import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.events import (
    BAND_PARTS,
    Beat,
    ControlChange,
    NoteOff,
    NoteOn,
    Output,
    ParameterChanged,
    PitchBend,
    Stamped,
)
from realtime.core.units import Micros
from realtime.edges.engine_events import EVENT_SIZE, Packer, decibels, pack, panic

IDS = {f"part/{part}/{knob}": n for n, (part, knob) in enumerate((p, k) for p in BAND_PARTS for k in ("level", "mute"))}
NAMES = {number: name for name, number in IDS.items()}


def one(event: Output, at: int = 7) -> list[tuple]:
    return unpack(pack([Stamped(Micros(at), event)], IDS))


def unpack(events: bytes) -> list[tuple]:
    return list(struct.iter_unpack("<qBBBBf", events))


def settings_in(events: bytes) -> dict[str, float]:
    return {NAMES[a]: value for _, kind, _, a, _, value in unpack(events) if kind == 3}


def test_notes_controllers_and_bends_go_by_part() -> None:
    assert one(NoteOn("player", 0, 60, 100)) == [(7, 1, 0, 60, 100, 0)]
    assert one(NoteOff("bass", 1, 40)) == [(7, 0, 2, 40, 0, 0)]
    assert one(ControlChange("keys", 2, 64, 127)) == [(7, 2, 3, 64, 127, 0)]
    assert one(PitchBend("solo", 4, -8192)) == [(7, 6, 5, 0, 0, -1)]
    assert unpack(panic(Micros(9))) == [(9, 4, 0, 0, 0, 0)]


def test_what_makes_no_sound_is_left_out() -> None:
    assert one(Beat(0, 1, 1, 96.0)) == one(ParameterChanged("style", "waltz")) == []
    assert one(ParameterChanged("part/bass/density", 0.5)) == []
    assert pack([], IDS) == b""


def test_a_fader_at_eight_tenths_is_unity_and_at_the_bottom_silence() -> None:
    assert decibels(0.8) == 0
    assert decibels(0.4) == pytest.approx(-12.04, abs=0.01)
    assert decibels(1.0) == pytest.approx(3.88, abs=0.01)
    assert decibels(0) == decibels(0.001) == -60
    assert one(ParameterChanged("part/bass/level", 0.8)) == [(7, 3, 0, IDS["part/bass/level"], 0, 0)]


def test_a_solo_mutes_the_others_and_letting_go_of_it_gives_them_back() -> None:
    packer = Packer(IDS)
    begun = settings_in(packer.mix(Micros(0), {}))
    assert len(begun) == 2 * len(BAND_PARTS)
    assert not any(begun[f"part/{part}/mute"] for part in BAND_PARTS)  # the soloist rests by its role, unmuted

    def changed(path: str, *, value: bool) -> dict[str, float]:
        return settings_in(packer.pack([Stamped(Micros(0), ParameterChanged(path, value))]))

    assert changed("part/bass/solo", value=True) == {f"part/{p}/mute": 1 for p in ("drums", "keys", "pad", "solo")}
    assert changed("part/bass/mute", value=True) == {"part/bass/mute": 1}
    assert changed("part/bass/solo", value=False) == {f"part/{p}/mute": 0 for p in ("drums", "keys", "pad", "solo")}
    assert changed("part/bass/mute", value=False) == {"part/bass/mute": 0}
    assert changed("part/bass/mute", value=False) == {}


def test_an_engine_without_a_parameter_is_not_told_of_it() -> None:
    assert pack([Stamped(Micros(0), ParameterChanged("part/bass/level", 0.5))], {}) == b""


@given(
    st.lists(
        st.builds(
            Stamped,
            st.integers(-(2**40), 2**40).map(Micros),
            st.one_of(
                st.builds(
                    NoteOn,
                    st.sampled_from(BAND_PARTS),
                    st.integers(0, 15),
                    st.integers(0, 127),
                    st.integers(1, 127),
                ),
                st.builds(PitchBend, st.sampled_from(BAND_PARTS), st.integers(0, 15), st.integers(-8192, 8191)),
            ),
        )
    )
)
def test_every_sound_is_one_event_in_its_place_and_in_range(outputs: list[Stamped[Output]]) -> None:
    events = unpack(pack(outputs, IDS))
    assert [event[0] for event in events] == [stamped.at for stamped in outputs]
    assert all(-1 <= event[5] <= 1 and event[2] <= 5 for event in events)
    assert len(pack(outputs, IDS)) == EVENT_SIZE * len(outputs)
