"""Complexity: how far the chords of a piece go from plain triads, and what is put between them.

From 1, triads only, to 10: sevenths and ninths by level (a genre's own richness added), then dominants of what comes,
two-fives, passing diminished chords, the minor four and tritone substitutes, each from its level on, ever more often.
Nothing is done to the first chord of a section, nor to the cadence that ends the piece.
"""

from dataclasses import dataclass, replace
from typing import Final

from realtime.core.chance import Chance
from realtime.core.chord import QUALITIES, Chord

_PLAIN_OF: Final = {"maj": "", "min": "m", "dom": "", "dim": "dim", "sus": "sus4"}
_NINTHS: Final = {"m7": "m9", "maj7": "maj9", "7": "9", "7sus4": "11", "m": "madd9", "": "add9"}


@dataclass(frozen=True, slots=True)
class Change:
    """A chord from `beat` on, for `beats`; roots count from the key's tonic until the piece is put into its key."""

    beat: int
    beats: int
    chord: Chord


@dataclass(frozen=True, slots=True)
class Palette:
    """How far a genre goes: complexity 1..10, its richness, and whether a seventh on any chord is its own."""

    complexity: int
    rich: int
    dominant: bool
    minor: bool
    scale: frozenset[int]
    """The key's pitch classes, from its tonic."""

    @property
    def level(self) -> int:
        """How rich chords are, -2..13."""
        return self.complexity + self.rich

    @property
    def adds(self) -> bool:
        """Whether plain chords may have a ninth added."""
        return self.rich >= -1

    @property
    def enriches(self) -> bool:
        """Whether major chords have major sevenths rather than added notes."""
        return self.rich >= 0


@dataclass(frozen=True, slots=True)
class Colourist:
    """Colours the changes of one section; the same section is coloured the same whenever it comes back."""

    palette: Palette
    chance: Chance
    letter: str

    def shaded(self, change: Change, place: int) -> Change:
        """The chord with the sevenths and ninths of its level."""
        level, chord = self.palette.level, change.chord
        roll = self.chance.uniform("shade", self.letter, place)
        if self.palette.complexity <= 2 or level <= 1:
            return replace(change, chord=self._plain(chord))
        quality = chord.quality
        if level >= 3 and (level >= 5 or roll < 0.4):
            quality = self._seventh(chord)
        if level >= 7 and roll < 0.12 * (level - 5):
            quality = self._ninth(chord, quality, roll)
        return replace(change, chord=_with(chord, quality))

    def _plain(self, chord: Chord) -> Chord:
        keeps_seventh = chord.family == "dom" and (self.palette.dominant or self.palette.complexity > 1)
        if chord.quality in ("m7b5", "dim7") or keeps_seventh:
            return _with(chord, "dim" if chord.family == "dim" else "7") if self.palette.complexity == 1 else chord
        return _with(chord, _PLAIN_OF[chord.family])

    def _seventh(self, chord: Chord) -> str:
        is_five = chord.root == 7
        if chord.quality == "":
            if is_five or self.palette.dominant:
                return "7"
            if self.palette.enriches:
                flat, sharp = ((chord.root + above) % 12 in self.palette.scale for above in (10, 11))
                return "7" if flat and not sharp else "maj7"
            return "add9" if self.palette.adds and self.palette.level >= 6 else ""
        return {"m": "m7", "dim": "m7b5", "sus4": "7sus4" if is_five else "sus4"}.get(chord.quality, chord.quality)

    def _ninth(self, chord: Chord, quality: str, roll: float) -> str:
        if quality in ("7", "9"):
            if self.palette.level >= 9:
                to_minor = chord.root in (4, 9, 11) or (self.palette.minor and chord.root == 7)
                return "7b9" if to_minor and roll < 0.5 else ("7#9" if self.palette.dominant and roll < 0.2 else "13")
            return "9"
        if chord.bass != chord.root:
            return quality
        if quality == "m7" and (chord.root + 2) % 12 not in self.palette.scale:
            return quality
        return _NINTHS.get(quality, quality) if self.palette.adds else quality

    def between(self, change: Change, after: Change | None, place: int) -> list[Change]:
        """The change, split where something leads on to the next one."""
        if after is None or change.beats < 2:
            return [change]
        roll = self.chance.uniform("lead", self.letter, place)
        half = change.beats // 2
        first = replace(change, beats=change.beats - half)
        start = change.beat + change.beats - half
        for chance, leading in self._ways(change.chord, after.chord):
            if leading is None or leading == change.chord:
                continue
            roll -= chance
            if roll < 0:
                return [first, Change(start, half, leading)]
        return self._two_five(change, after)

    def _two_five(self, change: Change, after: Change) -> list[Change]:
        """A dominant of a bar, where it is the genre's way, as its second degree and itself."""
        c, chord = self.palette.complexity, change.chord
        falls = chord.family == "dom" and (after.chord.root - chord.root) % 12 == 5 and chord.bass == chord.root
        often = 0.07 * max(0, c - 3) * (self.palette.rich >= 0)
        if change.beats < 4 or not falls or self.chance.uniform("two five", self.letter, change.beat) >= often:
            return [change]
        half, root = change.beats // 2, (chord.root + 7) % 12
        two = Chord(root, "m7b5" if after.chord.family == "min" else "m7", root)
        return [Change(change.beat, half, two), Change(change.beat + half, change.beats - half, chord)]

    def _ways(self, chord: Chord, after: Chord) -> list[tuple[float, Chord | None]]:
        """What may lead on from `chord` to `after`, each with how often it does."""
        c, rich = self.palette.complexity, self.palette.rich
        step = (after.root - chord.root) % 12
        five = Chord((after.root + 7) % 12, "7", (after.root + 7) % 12)
        has_five = after.family in ("min", "maj") and step not in (0, 5) and after.bass == after.root
        is_dominant = chord.family == "dom" and step == 5
        return [
            ((0.07 if rich >= 0 else 0.04) * max(0, c - 3), five if has_five and after.root != 0 else None),
            (0.06 * max(0, c - 4) * (rich >= 0), _passing(chord) if step == 2 else None),
            (0.07 * max(0, c - 5), _borrowed(chord, after)),
            (0.08 * max(0, c - 6) * (rich >= 1), _tritone(after) if is_dominant else None),
        ]


def _passing(chord: Chord) -> Chord:
    root = (chord.root + 1) % 12
    return Chord(root, "dim7", root)


def _borrowed(chord: Chord, after: Chord) -> Chord | None:
    """The minor four on the way from the four to the one."""
    return Chord(5, "m6", 5) if chord.root == 5 and chord.family == "maj" and after.root in (0, 4) else None


def _tritone(after: Chord) -> Chord:
    root = (after.root + 1) % 12
    return Chord(root, "7", root)


def _with(chord: Chord, quality: str) -> Chord:
    return Chord(chord.root, quality, chord.bass) if quality in QUALITIES else chord
