"""The form as the band plays it: fills and crashes where sections begin, and sections played as they were."""

import pytest

from realtime.core.events import ActionRequested, NoteOn, ParameterSet, Stamped
from realtime.core.performer import Performer
from realtime.core.units import Micros
from tests.core.playing import BEAT, comping, listen, started

VERSE = ["C", "Am", "F", "G", "C", "Am", "Dm", "G"]
BRIDGE = ["Eb", "Ab", "Bb", "G"]
CRASH, FILL_KEYS = 49, {45, 47, 50}


@pytest.fixture
def heart(ballad):
    return Performer({"pop_ballad": ballad}, seed=3)


def merged(*scripts):
    return sorted((stamped for script in scripts for stamped in script), key=lambda stamped: stamped.at)


def set_path(beat, path, value):
    return Stamped(Micros(round(beat * BEAT)), ParameterSet(path, value, "test"))


def drums(outputs, first, last):
    """(beat, key) of the strokes from beat `first` until beat `last`."""
    struck = [(s.at / BEAT, s.event.pitch) for s in outputs if isinstance(s.event, NoteOn) and s.event.part == "drums"]
    return [(at, pitch) for at, pitch in struck if first - 0.1 <= at < last - 0.1]


def crash_bars(outputs):
    return [round(at / 4) for at, pitch in drums(outputs, 0, 10_000) if pitch == CRASH]


def test_bars_are_counted_from_the_top_of_a_form_that_has_come_back(heart):
    outputs = listen(heart, started() + comping((VERSE + BRIDGE) * 4), 48 * 4 * BEAT)
    assert [bar for bar in crash_bars(outputs) if bar >= 20] == [20, 24, 32, 36, 44, 48]


def test_a_chart_says_where_its_sections_begin(heart):
    chart = "[A] | C | Am | F | G | C | Am | Dm | G | Eb | Ab | [B] | F | G | F | G | F | G | F | G | C | C |"
    song = [*VERSE, "Eb", "Ab", *["F", "G"] * 4, "C", "C"]
    first = Stamped(Micros(0), ActionRequested("chart", (chart,), "test"))
    outputs = listen(heart, merged([first], started(), comping(song * 2)), 40 * 4 * BEAT)
    assert crash_bars(outputs) == [10, 20, 30, 40]


@pytest.mark.parametrize("beat", [33.2, 34.9])
def test_a_variation_that_is_asked_for_is_led_into_by_a_fill_and_begins_with_a_crash(ballad, beat):
    script = merged(started(), comping(VERSE * 2))
    plain = listen(Performer({"pop_ballad": ballad}, seed=3), script, 40 * BEAT)
    asked = merged(script, [set_path(beat, "variation", "D")])
    outputs = listen(Performer({"pop_ballad": ballad}, seed=3), asked, 40 * BEAT)
    assert drums(outputs, 32, int(beat) - 0.1) == drums(plain, 32, int(beat) - 0.1)
    assert drums(outputs, beat, 36) != drums(plain, beat, 36)
    assert 9 in crash_bars(outputs)
    assert len(drums(outputs, 36, 40)) > len(drums(plain, 36, 40)) + 8


def test_a_section_that_returns_is_played_in_the_variation_it_had(ballad):
    heart = Performer({"pop_ballad": ballad}, seed=3, parameters={"energy/follow": False, "energy": 0.45})
    song = [*VERSE, *BRIDGE, *BRIDGE]
    loud, soft = set_path(31.5, "variation", "D"), set_path(61, "variation", "auto")
    script = merged(started(), comping(song * 2), [loud, soft])
    outputs = listen(heart, script, 28 * 4 * BEAT)
    first, second = (len(drums(outputs, bar * 4, bar * 4 + 4)) for bar in (9, 25))
    assert second == pytest.approx(first, abs=6), "the bridge is loud again"
    assert len(drums(outputs, 80, 84)) < first - 6, "after a verse that was not"
