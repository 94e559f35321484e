"""A player who goes over from chords to a line: the band keeps the song."""

import pytest

from daemon.evaluation.practice import LOOPS, Practice
from daemon.styles_folder import load_styles
from daemon.weights_folder import load_weights
from realtime.core.chord import parse_chord
from realtime.core.events import NoteOn

KNOWN_BARS, LINE_BARS, BEATS = 12, 4, 4
LINE = (76, 74, 72, 71, 69, 71, 72, 74, 77, 76, 74, 72, 74, 76, 77, 79)
"""Eighths up and down the white keys, whatever the chord: the first three rounds are in C."""


def line_over(loop):
    """Three rounds of chords, then a line where the fourth would be."""
    player = Practice(load_styles().styles["pop_ballad"])
    player.start()
    player.comp(loop[bar % len(loop)] for bar in range(KNOWN_BARS))
    for eighth in range(2 * BEATS * LINE_BARS):
        beat, pitch = KNOWN_BARS * BEATS + eighth / 2, LINE[eighth % len(LINE)]
        player.note(beat, pitch, 0.45)
    return player


@pytest.mark.parametrize("loop", LOOPS[:3])
def test_under_a_line_the_bass_goes_on_round_the_chords_that_are_known(loop):
    player = line_over(loop)
    played = player.played((KNOWN_BARS + LINE_BARS) * BEATS, load_weights())
    for bar in range(KNOWN_BARS, KNOWN_BARS + LINE_BARS):
        about = range(player.at(bar * BEATS - 0.1), player.at(bar * BEATS + 0.5))
        struck = [one.event for one in played if one.at in about and isinstance(one.event, NoteOn)]
        basses = [note.pitch % 12 for note in struck if note.part == "bass"]
        assert basses[:1] == [parse_chord(loop[bar % LINE_BARS]).bass], bar
