"""The chords of a chart, and when a heard or foreseen chord is the same: mir_eval's rules.

A chart names qualities as Harte's syntax does ("min7", "hdim7"); `chart_chord` says which of our chords that is.
The comparisons are those of `mir_eval.chord` (Raffel et al., ISMIR 2014): `root` compares roots; `majmin` compares
roots and the notes from the root up to the fifth, and leaves out chart chords that are neither major nor minor there
(diminished, augmented, suspended, altered fifths, power chords).
"""

from dataclasses import dataclass
from typing import Final

from realtime.core.chord import QUALITIES, Chord
from realtime.core.chord_tokens import NO_CHORD_TOKEN, token_of

NO_CHORD_QUALITY: Final = "N"

_OUR_QUALITY: Final = {
    "maj": "", "maj6": "6", "maj69": "6", "maj13": "maj9", "add9": "add9", "add11": "", "majb5": "", "5": "5",
    "1": "5", "min": "m", "min6": "m6", "min69": "m6", "minmaj7": "mmaj7", "minmaj9": "mmaj7", "minadd9": "madd9",
    "minadd11": "m", "min#5": "m", "min7": "m7", "min9": "m9", "min11": "m9", "min13": "m9", "dimmaj7": "dim7",
    "dim": "dim", "dim7": "dim7", "hdim7": "m7b5", "aug": "aug", "maj7#5": "aug", "sus2": "sus2", "sus4": "sus4",
    "7sus2": "7sus4", "7sus4": "7sus4", "9sus4": "11", "11": "11", "7": "7", "9": "9", "13": "13", "7b9": "7b9",
    "7#9": "7#9", "7#5": "7#5", "9#5": "7#5",
}  # fmt: skip
"""The names that no rule of `our_quality` gives rightly."""

_ALTERED_FIFTHS: Final = ("b5", "#5")
_NO_THIRD: Final = ("5", "1", "11", "aug")


@dataclass(frozen=True, slots=True)
class ChartChord:
    """A chord of a chart: `chord` as we name it, `mode` "maj" or "min", or "" where mir_eval's majmin leaves it out."""

    chord: Chord
    mode: str


def our_quality(quality: str) -> str:
    """The quality of `realtime.core.chord` nearest to a chart's; a name never seen falls to its plain relative."""
    if quality in _OUR_QUALITY:
        return _OUR_QUALITY[quality]
    if "sus" in quality:
        return "7sus4" if quality[:1].isdigit() else "sus4"
    if quality.startswith(("dim", "hdim")):
        return "m7b5" if quality.startswith("h") else "dim"
    seventh = any(figure in quality for figure in ("7", "9", "11", "13"))
    if quality.startswith("min"):
        return "m7" if seventh else "m"
    if quality.startswith("maj"):
        return "maj7" if seventh else ""
    if quality.startswith("7"):
        return "7#5" if "#5" in quality else "7"
    return "9" if quality.startswith("9") else "13" if quality.startswith("13") else ""


def mode_of(quality: str) -> str:
    """How mir_eval's majmin takes a chart's quality: "maj", "min", or "" for left out."""
    if quality in _NO_THIRD or "sus" in quality or quality.startswith(("dim", "hdim", "aug")):
        return ""
    if any(fifth in quality for fifth in _ALTERED_FIFTHS):
        return ""
    return "min" if quality.startswith("min") else "maj"


def heard_mode(chord: Chord) -> str:
    """The same for a chord of ours, by its notes up to the fifth; what is played beyond the octave is colour."""
    low = {interval for interval in QUALITIES[chord.quality].intervals if 3 <= interval <= 8}
    if 4 in low:
        low.discard(3)  # a sharp ninth over a major third
    return {frozenset((4, 7)): "maj", frozenset((3, 7)): "min"}.get(frozenset(low), "")


def chart_chord(root: int | None, quality: str, bass: int | None) -> ChartChord | None:
    """The chord that a chart's entry names; None for no chord."""
    if root is None or quality == NO_CHORD_QUALITY:
        return None
    return ChartChord(Chord(root, our_quality(quality), root if bass is None else bass), mode_of(quality))


def chart_token(chart: ChartChord | None) -> int:
    """The chart's chord in the vocabulary of 85."""
    return NO_CHORD_TOKEN if chart is None else token_of(chart.chord)


def same_root(chart: ChartChord, told: Chord | None) -> bool:
    """Whether the roots agree."""
    return told is not None and told.root == chart.chord.root


def same_majmin(chart: ChartChord, told: Chord | None) -> bool | None:
    """Whether root and mode agree; None where the chart's chord is left out."""
    if not chart.mode:
        return None
    return told is not None and told.root == chart.chord.root and heard_mode(told) == chart.mode


def same_family(chart: ChartChord, told: Chord | None) -> bool:
    """Whether root and family agree: the same one of the 85."""
    return told is not None and token_of(told) == token_of(chart.chord)
