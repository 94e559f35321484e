"""The chords as a pianist would lay them: close voicings led from one to the next, a bass below."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from daemon.song.colour import Change
from realtime.core.band.voicing import Voicing, lead, tones_for
from realtime.core.key_finder import Key
from realtime.core.style import Hand

HAND: Final = Hand("close", 52, 74, 4, colours=False)
LOWEST_BASS: Final = 36
LOOKAHEAD: Final = 3


@dataclass(frozen=True, slots=True)
class VoicedChord:
    """A change and its notes, MIDI pitches from the bass up."""

    change: Change
    pitches: tuple[int, ...]


def voice_chords(changes: Sequence[Change], key: Key) -> list[VoicedChord]:
    """Every change voiced."""
    tones = [tones_for(change.chord, HAND, scale=key.scale) for change in changes]
    voiced: list[VoicedChord] = []
    before: Voicing = ()
    for place, change in enumerate(changes):
        before = lead(tones[place : place + LOOKAHEAD], before, HAND)
        bass = LOWEST_BASS + (change.chord.bass - LOWEST_BASS) % 12
        voiced.append(VoicedChord(change, (bass, *before)))
    return voiced
