"""Styles chosen, and written anew, while the band plays: from which bar line on, in which meter, on which kit."""

import json
import tomllib
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.core.events import (
    ActionRequested,
    Beat,
    ControlChange,
    NoteOff,
    NoteOn,
    ParameterChanged,
    ParameterSet,
    Rejected,
    Stamped,
    StyleGiven,
    TransportChanged,
)
from realtime.core.performer import Performer
from realtime.core.style_book import KIT
from realtime.core.style_reader import parse_style
from realtime.core.units import Micros
from tests.conftest import STYLES
from tests.core.playing import BEAT, comping, listen, started

MAPPINGS = {path.stem: tomllib.loads(path.read_text()) for path in sorted(STYLES.glob("*.toml"))}
SHIPPED = {name: parse_style(mapping, name) for name, mapping in MAPPINGS.items()}
SONG = comping(["C", "Am", "F", "G"] * 6)


def heart(**parameters):
    return Performer(SHIPPED, seed=3, parameters=parameters)


def style_set(beat, name):
    return Stamped(Micros(round(beat * BEAT)), ParameterSet("style", name, "test"))


def given_anew(beat, name, text=None, **changes):
    return Stamped(Micros(round(beat * BEAT)), StyleGiven(name, text or json.dumps(MAPPINGS[name] | changes)))


def merged(*scripts):
    return sorted((stamped for script in scripts for stamped in script), key=lambda stamped: stamped.at)


def of(kind, outputs):
    return [stamped for stamped in outputs if isinstance(stamped.event, kind)]


def drum_keys(outputs, first, last):
    """The drums that are struck from one beat (by the clock) until another, with when."""
    struck = [s for s in of(NoteOn, outputs) if s.event.part == "drums" and first - 0.08 <= s.at / BEAT < last - 0.08]
    return [(round(s.at / BEAT, 2), s.event.pitch) for s in struck]


@given(
    beat=st.floats(4.0, 20.0),
    name=st.sampled_from(["waltz", "slow_blues", "bossa_nova", "jazz_ballad"]),
    first=st.sampled_from(["pop_ballad", "waltz", "slow_blues"]),
    commit=st.sampled_from([1, 4]),
)
@settings(max_examples=8)
def test_a_style_brings_its_meter_from_the_next_bar_line_on_and_every_note_ends(beat, name, first, commit):
    band = heart(style=first, commit=commit)
    outputs = listen(band, merged(started(), SONG[:80], [style_set(beat, name)]), 36 * BEAT)
    meter, old = SHIPPED[name].meter, SHIPPED[first].meter
    beats = of(Beat, outputs)
    anew = [s for s in beats if s.at > 0 and s.event.number == 0]
    assert len(anew) == (meter != old)
    if anew:
        quarters, begun = old.bar_ticks / 960, anew[0].at / BEAT
        assert begun % quarters == pytest.approx(0, abs=1e-3), "at a bar line of the old meter"
        assert 0 <= begun - beat <= quarters + 0.2, "the next one"
        told = of(TransportChanged, outputs)[-1].event
        assert (told.playing, told.meter) == (True, str(meter))
    counted = [s.event for s in beats if not anew or s.at >= anew[0].at]
    assert [b.number for b in counted] == list(range(len(counted)))
    per_bar = meter.beats_per_bar
    over = counted[0].bar - 1
    assert over == (round(begun / quarters) if anew else 0), "bars go on counting"
    assert all((b.bar - over, b.beat) == (b.number // per_bar + 1, b.number % per_bar + 1) for b in counted)
    on, off = ([s for s in of(kind, outputs) if s.event.part != "player"] for kind in (NoteOn, NoteOff))
    assert len(on) == len(off)


def test_in_the_new_meter_the_rows_begin_with_its_bars():
    outputs = listen(heart(variation="B"), merged(started(), SONG, [style_set(17, "waltz")]), 44 * BEAT)
    kicks = [at for at, key in drum_keys(outputs, 20, 44) if key == 36 and round(at) % 3 == 2]
    assert len(kicks) >= 7, "a kick on each one: 20, 23, 26 …"


def test_the_harmony_goes_on_over_a_change_of_meter():
    outputs = listen(heart(), merged(started(), comping(["C"] * 5 + ["F"] * 8, 4), [style_set(17, "waltz")]), 44 * BEAT)
    bass = [s for s in of(NoteOn, outputs) if s.event.part == "bass" and 19.9 < s.at / BEAT < 24]
    assert bass
    assert bass[0].at / BEAT < 21


def test_a_style_of_the_same_meter_begins_at_the_bar_line_and_no_beat_is_counted_anew():
    plain = listen(heart(), merged(started(), SONG), 30 * BEAT)
    outputs = listen(heart(), merged(started(), SONG, [style_set(17.5, "funk_sixteenths")]), 30 * BEAT)
    assert drum_keys(outputs, 0, 20) == drum_keys(plain, 0, 20)
    assert drum_keys(outputs, 20, 24) != drum_keys(plain, 20, 24)
    assert [s.event.number for s in of(Beat, outputs)] == [s.event.number for s in of(Beat, plain)]


def test_a_fade_goes_down_evenly_while_the_meter_changes():
    fade = Stamped(Micros(9 * BEAT), ActionRequested("fade", (4,), "test"))
    script = merged(started(), SONG, [fade, style_set(10, "waltz")])
    steps = [s.at for s in of(ControlChange, listen(heart(), script, 30 * BEAT)) if s.event.part == "keys"]
    falling = [later - earlier for earlier, later in pairwise(steps[:-1])]  # the last brings the levels back
    assert len(falling) > 50
    assert all(gap % (BEAT // 8) < 2 and gap <= BEAT // 4 for gap in falling)


def test_an_ending_is_played_to_its_end_in_the_style_it_began_in():
    ending = Stamped(Micros(31 * BEAT), ActionRequested("ending", (), "test"))
    again = Stamped(Micros(60 * BEAT), ActionRequested("transport/start", (), "test"))
    song = comping(["C", "Am", "F", "G"] * 2)
    outputs = listen(heart(), merged(started(), song, [ending, style_set(31.5, "waltz"), again]), 62 * BEAT)
    told = [(s.event.playing, s.event.meter) for s in of(TransportChanged, outputs)]
    assert told[:2] == [(True, "4/4"), (False, "4/4")]
    assert of(TransportChanged, outputs)[-1].event.meter == "3/4", "and then it begins in the other"


def test_while_nothing_plays_a_style_brings_its_meter_at_once():
    band = heart()
    outputs = listen(band, [style_set(1, "waltz")], 2 * BEAT)
    assert (band.snapshot().style, band.snapshot().meter) == ("waltz", "3/4")
    assert [s.event.meter for s in of(TransportChanged, outputs)][:1] == ["3/4"]


def test_a_chart_goes_on_in_the_new_meter_or_is_taken_away_with_a_word():
    fits, not_ = "| C | F | G | C |", "| C F G C | F |"
    for chart, taken in ((fits, False), (not_, True)):
        first = Stamped(Micros(0), ActionRequested("chart", (chart,), "test"))
        outputs = listen(heart(), merged([first], started(), SONG, [style_set(17, "waltz")]), 40 * BEAT)
        told = [s.event.reason for s in of(Rejected, outputs)]
        assert [reason.startswith("chart: taken away") for reason in told] == [True] * taken


# ------------------------------------------------------------------------------------------- written anew


def test_a_style_that_is_written_anew_is_played_from_the_next_bar_line_on():
    plain = listen(heart(variation="B"), merged(started(), SONG), 30 * BEAT)
    groove = MAPPINGS["pop_ballad"]["groove"]
    louder = groove | {"B": groove["B"] | {"drums": {"cowbell": "X... X... X... X..."}}}
    change = given_anew(17.5, "pop_ballad", groove=louder)
    outputs = listen(heart(variation="B"), merged(started(), SONG, [change]), 30 * BEAT)
    assert drum_keys(outputs, 0, 20) == drum_keys(plain, 0, 20)
    assert {key for _, key in drum_keys(outputs, 20, 28)} == {56}


@pytest.mark.parametrize("text", ["= =", "[]", "7", '{"meter": "4/5"}', "{", '"x"', "null"])
def test_one_that_cannot_be_played_is_refused_and_the_old_one_plays_on(text):
    plain = listen(heart(), merged(started(), SONG), 24 * BEAT)
    outputs = listen(heart(), merged(started(), SONG, [given_anew(9, "pop_ballad", text)]), 24 * BEAT)
    assert len(of(Rejected, outputs)) == 1
    assert of(NoteOn, outputs) == of(NoteOn, plain)


def test_a_new_style_can_be_chosen_once_it_is_given():
    script = merged(started(), [given_anew(1, "waltz")], [style_set(2, "mine"), style_set(4, "mine")])
    script.insert(4, Stamped(Micros(3 * BEAT), StyleGiven("mine", json.dumps(MAPPINGS["reggae"]))))
    script.sort(key=lambda stamped: stamped.at)
    band = heart()
    outputs = listen(band, script, 9 * BEAT)
    assert len(of(Rejected, outputs)) == 1
    assert band.snapshot().style == "mine"


# -------------------------------------------------------------------------------------------------- kits


def kits(outputs):
    return [s.event.value for s in of(ParameterChanged, outputs) if s.event.path == KIT]


needs_engine = pytest.mark.skipif(KIT not in heart().parameters, reason="the engine is not built")


@needs_engine
def test_brushes_come_and_go_with_the_style_at_its_bar_line():
    script = merged(started(), SONG, [style_set(9, "jazz_ballad"), style_set(25, "pop_ballad")])
    outputs = listen(heart(), script, 40 * BEAT)
    assert kits(outputs) == ["brush_kit", "drum_kit"]
    assert [round(s.at / BEAT) for s in of(ParameterChanged, outputs) if s.event.path == KIT] == [12, 28]


@needs_engine
def test_a_style_with_brushes_that_the_band_begins_with_has_them():
    assert kits(listen(heart(style="jazz_ballad"), started(), 2 * BEAT)) == ["brush_kit"]


@needs_engine
def test_what_the_player_chose_stays():
    chosen = Stamped(Micros(BEAT), ParameterSet(KIT, "drum_kit", "test"))
    outputs = listen(heart(), merged(started(), SONG, [chosen, style_set(9, "jazz_ballad")]), 20 * BEAT)
    assert kits(outputs) == ["drum_kit"]
    assert kits(listen(heart(style="pop_ballad", **{KIT: "brush_kit"}), started(), 2 * BEAT)) == []
