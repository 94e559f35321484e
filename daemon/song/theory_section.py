"""What is said about a piece's harmony: the theory's reading of its chords as they are voiced, and its explanation."""

from collections.abc import Sequence
from typing import Any

from daemon.song.harmony import Harmony
from daemon.song.spelling import chord_name
from daemon.song.voicing import VoicedChord
from daemon.theory import Analysis, Progression, Step, analyse, explain


def read_harmony(harmony: Harmony, voicings: Sequence[VoicedChord]) -> Analysis:
    """The analysis, in the piece's key throughout."""
    per_bar = harmony.beats_per_bar
    steps = tuple(
        Step(change.chord, chord_name(change.chord, harmony.key), change.beat / per_bar, change.beats / per_bar)
        for change in harmony.changes
    )
    return analyse(Progression(steps, float(harmony.bars)), harmony.key, [voiced.pitches for voiced in voicings])


def explained(analysis: Analysis) -> dict[str, Any]:
    """Analysis and explanation, as JSON has them."""
    return {**analysis.as_json(), "explanation": explain(analysis).as_json()}
