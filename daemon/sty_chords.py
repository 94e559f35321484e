"""The chords of a style file's intros and endings, which play harmony of their own: heard, and written in degrees."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from daemon.chart_hearing import played_chords
from daemon.midi_file import mido_module
from daemon.midi_grid import MidiGrid
from daemon.sty_file import StyNote
from realtime.core.chord import Chord
from realtime.core.meter import Meter
from realtime.core.units import MICROS_PER_MINUTE, TICKS_PER_QUARTER

_NUMERALS: Final = ("I", "bII", "II", "bIII", "III", "IV", "#IV", "V", "bVI", "VI", "bVII", "VII")
_DEGREES: Final = ("1", "b2", "2", "b3", "3", "4", "#4", "5", "b6", "6", "b7", "7")
_AFTER_SMALL: Final = {
    "m": "", "m7": "7", "m9": "9", "m6": "6", "madd9": "add9", "mmaj7": "maj7", "dim": "b5", "m7b5": "7b5",
}  # fmt: skip
"""How a quality is written after a small numeral."""


def heard_chords(notes: Iterable[StyNote], tonic: int, meter: Meter, tempo_bpm: float, bars: int) -> list[Chord]:
    """The chord on each beat of `bars`, as in C: `tonic` is what the notes are written around; none if none sounds."""
    wanted = bars * meter.beats_per_bar
    heard = played_chords(*_as_messages(notes, meter, tempo_bpm))[:wanted]
    chords: list[Chord] = []
    for chord in heard:
        chords.append(chord.transposed(-tonic) if chord is not None else chords[-1] if chords else Chord(0, "", 0))
    if all(chord is None for chord in heard):
        return []
    return chords + chords[-1:] * (wanted - len(chords))


def _as_messages(notes: Iterable[StyNote], meter: Meter, tempo_bpm: float) -> tuple[list[tuple[int, Any]], MidiGrid]:
    mido = mido_module()
    head: list[tuple[int, Any]] = [
        (0, mido.MetaMessage("time_signature", numerator=meter.numerator, denominator=meter.denominator)),
        (0, mido.MetaMessage("set_tempo", tempo=min(0xFFFFFF, max(1, round(MICROS_PER_MINUTE / tempo_bpm))))),
    ]
    played = []
    for note in notes:
        start = round(note.start * TICKS_PER_QUARTER)
        end = max(start + 1, round((note.start + note.length) * TICKS_PER_QUARTER))
        played.append((start, mido.Message("note_on", note=note.pitch, velocity=note.velocity)))
        played.append((end, mido.Message("note_off", note=note.pitch)))
    played.sort(key=lambda pair: (pair[0], pair[1].type == "note_on"))
    messages = head + played
    return messages, MidiGrid(messages, TICKS_PER_QUARTER)


def degrees_text(chords: Sequence[Chord], meter: Meter) -> str:
    """Chords as in C, one a beat, as bars of degrees: `| I / / V7 | vi |`."""
    per_bar = meter.beats_per_bar
    bars = " | ".join(_bar_text(chords[at : at + per_bar]) for at in range(0, len(chords), per_bar))
    return f"| {bars} |"


def _bar_text(beats: Sequence[Chord]) -> str:
    """A bar: a chord that fills it as one word, else a word for each beat."""
    names = [_numeral(chord) for chord in beats]
    if len({*names}) == 1:
        return names[0]
    return " ".join("/" if place and name == names[place - 1] else name for place, name in enumerate(names))


def _numeral(chord: Chord) -> str:
    numeral, quality = _NUMERALS[chord.root], chord.quality
    if quality in _AFTER_SMALL:
        numeral, quality = numeral.lower(), _AFTER_SMALL[quality]
    over = "" if chord.bass == chord.root else f"/{_DEGREES[chord.bass]}"
    return f"{numeral}{quality}{over}"
