"""Every style that ships, played by the heart with the feel it has in the program."""

import pytest

from daemon.styles_folder import load_styles
from realtime.core.events import NoteOff, NoteOn
from realtime.core.performer import Performer
from tests.core.playing import BEAT, comping, listen, started

STYLES = load_styles().styles


@pytest.mark.parametrize("name", sorted(STYLES))
def test_a_style_is_played_by_all_its_parts_and_every_note_ends(name):
    meter = STYLES[name].meter
    beat = BEAT * meter.beat_ticks // 960
    heart = Performer(STYLES, seed=3, parameters={"style": name, "variation": "C"})
    song = comping(["C", "Am", "F", "G"] * 3, beats_each=meter.beats_per_bar * meter.beat_ticks // 960)
    outputs = listen(heart, started() + song, 12 * meter.beats_per_bar * beat)
    struck = [stamped.event for stamped in outputs if isinstance(stamped.event, NoteOn)]
    ended = [stamped.event for stamped in outputs if isinstance(stamped.event, NoteOff)]
    assert {note.part for note in struck} >= {"drums", "bass", "keys"}
    assert len(struck) - len(ended) == sum(heart_sounds(heart).values())


def heart_sounds(heart):
    """Notes that still sound, by part."""
    return heart._band.scheduler.sounding_counts()
