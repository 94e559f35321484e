"""The engine's own table: what it declares can be set by OSC and by configuration, and reaches it."""

import struct

import pytest

from daemon.config import from_mapping
from realtime.core.events import ALL_PARTS, BAND_PARTS, ParameterChanged, Stamped
from realtime.core.parameters import DEFAULTS, PARAMETERS, coerce
from realtime.core.sound_table import INSTRUMENT_OF_PART, INSTRUMENTS, KNOBS, PREFIX, instrument_of_program
from realtime.core.units import Micros
from realtime.edges.engine import parameter_ids
from realtime.edges.engine_events import INSTRUMENT, PARAMETER, Packer

pytestmark = pytest.mark.skipif(not KNOBS, reason="the sound engine is not built")


def events_of(path: str, value: float | str | bool) -> list[tuple]:
    packed = Packer(parameter_ids()).pack([Stamped(Micros(3), ParameterChanged(path, value))])
    return list(struct.iter_unpack("<qBBBBf", packed))


@pytest.mark.parametrize("knob", KNOBS, ids=lambda knob: knob.name)
def test_every_knob_of_the_engine_is_a_parameter_and_reaches_the_engine(knob):
    parameter = PARAMETERS[PREFIX + knob.name]
    assert parameter.help
    if parameter.kind == "float":
        assert (parameter.low, parameter.high, parameter.unit) == (knob.low, knob.high, knob.unit)
        assert coerce(parameter.path, knob.high + 1.0) == knob.high
    [event] = events_of(parameter.path, knob.high)
    assert event[:4] == (3, PARAMETER, 0, parameter_ids()[knob.name])
    assert event[5] == pytest.approx(knob.high)


def test_the_band_s_faders_are_not_in_the_engine_s_table_twice():
    names = {knob.name for knob in KNOBS}
    assert not names & {f"part/{part}/{knob}" for part in BAND_PARTS for knob in ("level", "mute")}
    assert "tempo" not in names


def test_the_tempo_of_the_music_is_the_tempo_of_the_delay():
    [event] = events_of("transport/tempo", 123.0)
    assert event[1:] == (PARAMETER, 0, parameter_ids()["tempo"], 0, 123.0)


@pytest.mark.parametrize("part", ALL_PARTS)
@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_every_part_can_play_every_instrument(part, instrument):
    assert coerce(f"part/{part}/instrument", instrument) == instrument
    [event] = events_of(f"part/{part}/instrument", instrument)
    assert event == (3, INSTRUMENT, ALL_PARTS.index(part), INSTRUMENTS.index(instrument), 0, 0.0)


def test_configuration_chooses_instruments_and_turns_knobs():
    chosen = {"part/bass/instrument": "upright_bass", "sound/reverb/decay": 2.5}
    config = from_mapping({"parameters": chosen})
    packer = Packer(parameter_ids())
    begun = list(struct.iter_unpack("<qBBBBf", packer.mix(Micros(0), config.performer_parameters())))
    assert (0, INSTRUMENT, 2, INSTRUMENTS.index("upright_bass"), 0, 0.0) in begun
    assert (0, PARAMETER, 0, parameter_ids()["sound/reverb/decay".removeprefix(PREFIX)], 0, 2.5) in begun


def test_what_stands_at_its_default_is_not_sent():
    begun = Packer(parameter_ids()).mix(Micros(0), {**DEFAULTS})
    assert len(begun) == 16 * 2 * len(BAND_PARTS)


def test_general_midi_s_programs_have_their_instruments():
    assert instrument_of_program(24, is_drums=False) == "nylon_guitar"
    assert instrument_of_program(32, is_drums=False) == "upright_bass"
    assert instrument_of_program(48, is_drums=False) == "strings"
    assert instrument_of_program(40, is_drums=True) == "brush_kit"
    assert {instrument_of_program(n, is_drums=False) for n in range(128)} < set(INSTRUMENTS)
    assert INSTRUMENT_OF_PART["drums"] == instrument_of_program(0, is_drums=True)
