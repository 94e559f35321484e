"""Closed bars to MidiTok REMI tokens, one bar at a time: the one place that knows MidiTok.

Rules. Encoding bar by bar gives the tokens that encoding the whole gives: a bar is encoded alone, and a tempo
that only repeats what stands already is left out. Why bar by bar: encoding a growing score again and again takes
quadratic time, and MidiTok has no way to append.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from daemon.models.bars import GRID_TICKS, BarNote, ClosedBar
from realtime.core.events import ALL_PARTS, Part
from realtime.core.units import TICKS_PER_QUARTER

PROGRAM_OF_PART: Final[dict[Part, int]] = {"player": 0, "bass": 33, "keys": 4, "pad": 89, "solo": 80}
STEPS_PER_BEAT: Final = 8
TIME_SIGNATURES: Final = {
    2: [1, 2, 3, 4],
    4: [1, 2, 3, 4, 5, 6, 7, 8],
    8: [3, 5, 6, 7, 9, 12],
    16: [3, 6, 9, 12],
}


@dataclass(frozen=True, slots=True)
class EncodedBar:
    """A bar as tokens, and as their numbers in the vocabulary."""

    number: int
    tokens: list[str]
    ids: list[int]


class BarTokens:
    """A tokenizer that is fed bar after bar."""

    def __init__(self) -> None:
        from miditok import REMI, TokenizerConfig  # noqa: PLC0415 - takes half a second: worker process only

        self._tokenizer: Any = REMI(
            TokenizerConfig(
                beat_res={(0, 4): STEPS_PER_BEAT, (4, 12): 4},
                num_velocities=32,
                use_chords=True,
                use_programs=True,
                one_token_stream_for_programs=True,
                use_tempos=True,
                tempo_range=(20, 400),
                num_tempos=64,
                log_tempos=True,
                use_time_signatures=True,
                time_signature_range=TIME_SIGNATURES,
            )
        )
        self._tempo = ""

    @property
    def fingerprint(self) -> str:
        """A hash of the vocabulary: ids mean the same as long as this is the same."""
        words = json.dumps(self._tokenizer.vocab, sort_keys=True)
        return hashlib.sha256(words.encode()).hexdigest()[:16]

    @property
    def vocabulary_size(self) -> int:
        """How many tokens there are."""
        return len(self._tokenizer.vocab)

    def encode(self, bar: ClosedBar) -> EncodedBar:
        """The tokens of the next bar.

        Raises:
            ValueError: there is no token for its meter.
        """
        if bar.numerator not in TIME_SIGNATURES.get(bar.denominator, ()):
            raise ValueError(f"there is no token for a bar of {bar.numerator}/{bar.denominator}")
        tokens = self._without_repeated_tempo(self._whole([bar]))
        return EncodedBar(bar.number, tokens, [self._tokenizer.vocab[token] for token in tokens])

    def encode_whole(self, bars: Sequence[ClosedBar]) -> list[str]:
        """The tokens of a whole piece at once; the yardstick for `encode`."""
        return self._whole(bars)

    def _whole(self, bars: Sequence[ClosedBar]) -> list[str]:
        score = _score(bars)
        if not any(bar.notes for bar in bars):
            # MidiTok writes nothing for a score without notes; a silent bar is a bar all the same.
            return [token for bar in bars for token in self._silent(bar)]
        tokens: list[str] = list(self._tokenizer(score).tokens)
        missing = len(bars) - tokens.count("Bar_None")
        for bar in bars[len(bars) - missing :] if missing > 0 else ():
            tokens += ["Bar_None", f"TimeSig_{bar.numerator}/{bar.denominator}"]
        return tokens

    def _silent(self, bar: ClosedBar) -> list[str]:
        """Bar, meter and tempo: what MidiTok writes before the first note of a bar that has one."""
        one_note = BarNote(0, 60, GRID_TICKS, 64, "player")
        tokens: list[str] = list(self._tokenizer(_score([msgspec.structs.replace(bar, notes=[one_note])])).tokens)
        return tokens[: tokens.index("Program_0")]

    def _without_repeated_tempo(self, tokens: list[str]) -> list[str]:
        kept: list[str] = []
        for token in tokens:
            if token.startswith("Tempo_"):
                if token == self._tempo:
                    continue
                self._tempo = token
            kept.append(token)
        # A position at which nothing is left to say goes, too.
        return [
            token
            for token, after in zip(kept, [*kept[1:], "Bar_None"], strict=True)
            if not (token.startswith("Position_") and after.startswith(("Position_", "Bar_")))
        ]


def _score(bars: Sequence[ClosedBar]) -> Any:  # noqa: ANN401 - symusic's classes are made at run time
    from symusic import Note, Score, Tempo, TimeSignature, Track  # noqa: PLC0415 - see above

    score: Any = Score(TICKS_PER_QUARTER)
    tracks: dict[Part, Any] = {}
    start = 0
    standing: tuple[object, object] = (None, None)
    for bar in bars:
        meter, tempo = (bar.numerator, bar.denominator), bar.tempo_bpm
        if meter != standing[0]:
            score.time_signatures.append(TimeSignature(start, *meter))
        if tempo != standing[1]:
            score.tempos.append(Tempo(start, tempo))
        standing = (meter, tempo)
        step = TICKS_PER_QUARTER * 4 // bar.denominator // STEPS_PER_BEAT
        length = TICKS_PER_QUARTER * 4 * bar.numerator // bar.denominator
        for note in bar.notes:
            track = tracks.setdefault(note.part, _track(Track, note))
            onset = min(_rounded(note.onset, step), length - step)
            duration = max(step, _rounded(note.duration, step))
            track.notes.append(Note(start + onset, duration, note.pitch, note.velocity))
        start += length
    # Always in one order: notes of the same moment are written in the order of their tracks.
    for part in ALL_PARTS:
        if part in tracks:
            score.tracks.append(tracks[part])
    return score


def _rounded(ticks: int, step: int) -> int:
    """`ticks` on the grid. MidiTok would round by the finest grid in the piece: another one in another piece."""
    return (ticks + step // 2) // step * step


def _track(make: Any, note: BarNote) -> Any:  # noqa: ANN401 - as above
    return make(note.part, program=PROGRAM_OF_PART.get(note.part, 0), is_drum=note.part == "drums")
