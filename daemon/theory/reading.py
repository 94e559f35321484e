"""What one chord does in a key: every reading that theory offers, each with what it costs to believe it.

Costs are in the manner of a grammar's: nothing for a chord of the key, more the further it is fetched, less where the
chord that follows is the one it points to. Sources: Kostka and Payne, Tonal Harmony (secondary functions, mixture,
Neapolitan, augmented sixths); Levine, The Jazz Theory Book (tritone substitutes, backdoor); Nettles and Graf, The
Chord Scale Theory and Jazz Harmony (related ii chords).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from daemon.theory.numeral import degree_name, jazz_numeral, suffix
from realtime.core.chord import QUALITIES, Chord
from realtime.core.key_finder import Key

TONIC: Final = "tonic"
SUBDOMINANT: Final = "subdominant"
DOMINANT: Final = "dominant"
CHROMATIC: Final = "chromatic"


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand a chord in a key."""

    numeral: str
    """As "ii7", "V7/vi", "subV7/V" or "bVI"."""
    function: str
    """tonic, subdominant, dominant or chromatic; that of a secondary chord is its function in the key it borrows."""
    kind: str
    """diatonic, dominant of minor, blues, borrowed, secondary dominant, secondary leading tone, related ii,
    tritone substitute, backdoor dominant, neapolitan, augmented sixth, passing diminished, common-tone diminished,
    suspended, augmented or chromatic."""
    cost: float
    target: int | None = None
    """The pitch class of the root that it points to, where it does."""
    resolves: bool = False
    """Whether what follows is what it points to."""


_FUNCTION_MAJOR: Final = {
    0: TONIC, 2: SUBDOMINANT, 4: TONIC, 5: SUBDOMINANT, 7: DOMINANT, 9: TONIC, 11: DOMINANT,
    1: SUBDOMINANT, 3: TONIC, 8: SUBDOMINANT, 10: SUBDOMINANT, 6: CHROMATIC,
}  # fmt: skip
_FUNCTION_MINOR: Final = {
    0: TONIC, 2: SUBDOMINANT, 3: TONIC, 5: SUBDOMINANT, 7: DOMINANT, 8: SUBDOMINANT, 10: DOMINANT, 11: DOMINANT,
    1: SUBDOMINANT, 9: TONIC, 4: TONIC, 6: CHROMATIC,
}  # fmt: skip

_HARMONIC_MINOR: Final = (0, 2, 3, 5, 7, 8, 11)
_MELODIC_MINOR: Final = (0, 2, 3, 5, 7, 9, 11)


@lru_cache(maxsize=16384)
def readings(chord: Chord, key: Key, following: Chord | None, before: Chord | None) -> tuple[Reading, ...]:
    """Every reading of `chord` in `key` between its neighbours, the likeliest first; never empty."""
    found = [reading for finder in _FINDERS for reading in finder(chord, key, following, before)]
    plain = Reading(jazz_numeral(chord, key), CHROMATIC, "chromatic", 3.0)
    return tuple(sorted([*found, plain], key=lambda reading: reading.cost))


def core_tones(chord: Chord) -> frozenset[int]:
    """The pitch classes of a chord's root, third, fifth and seventh; a ninth may lie outside the key."""
    return frozenset((chord.root + step) % 12 for step in QUALITIES[chord.quality].intervals if step not in (1, 2))


def is_dominant(chord: Chord) -> bool:
    """Whether a chord has a major third and a minor seventh, or suspends that third, or is a major triad."""
    return chord.family == "dom" or chord.quality in ("", "7sus4", "11", "aug")


def _of_the_key(chord: Chord, key: Key, following: Chord | None, before: Chord | None) -> Iterator[Reading]:
    """The key's own chords, those of minor's raised sixth and seventh, and the blues' sevenths."""
    numeral, step = jazz_numeral(chord, key), (chord.root - key.tonic) % 12
    function = (_FUNCTION_MINOR if key.minor else _FUNCTION_MAJOR)[step]
    tones = core_tones(chord)
    if tones <= frozenset(key.scale):
        yield Reading(numeral, function, "suspended" if chord.family == "sus" else "diatonic", 0.0)
    if key.minor and step in (7, 11) and tones <= {(key.tonic + n) % 12 for n in _HARMONIC_MINOR}:
        yield Reading(numeral, DOMINANT, "dominant of minor", 0.0, key.tonic, _roots(following, key.tonic))
    elif key.minor and tones <= {(key.tonic + n) % 12 for n in (*_HARMONIC_MINOR, *_MELODIC_MINOR)}:
        yield Reading(numeral, function, "melodic minor", 0.4)
    if chord.family == "dom" and step in (0, 5) and not key.minor and _leads_nowhere(chord, following):
        yield Reading(numeral, TONIC if step == 0 else SUBDOMINANT, "blues", 0.5)
    if chord.quality in ("aug", "7#5") and step == 7:
        yield Reading(numeral, DOMINANT, "augmented", 0.2, key.tonic, _roots(following, key.tonic))


def _leads_nowhere(chord: Chord, following: Chord | None) -> bool:
    """Whether a dominant seventh is not followed by a major or minor chord a fourth up that it could belong to."""
    down_a_fifth = following is not None and (following.root - chord.root) % 12 == 5
    return not (down_a_fifth and following is not None and following.family != "dom")


def _roots(following: Chord | None, root: int) -> bool:
    return following is not None and following.root == root


def _borrowed(chord: Chord, key: Key, following: Chord | None, before: Chord | None) -> Iterator[Reading]:
    """Chords of the parallel key, and the Neapolitan."""
    step = (chord.root - key.tonic) % 12
    numeral = jazz_numeral(chord, key)
    parallel = Key(key.tonic, not key.minor)
    tones = core_tones(chord)
    if step == 10 and chord.family == "dom" and not key.minor:
        home = _roots(following, key.tonic)
        yield Reading(numeral, DOMINANT, "backdoor dominant", 0.7 if home else 1.2, key.tonic, home)
    elif tones <= frozenset(parallel.scale):
        function = (_FUNCTION_MAJOR if key.minor else _FUNCTION_MINOR)[step]
        function = SUBDOMINANT if step == 10 else function
        picardy = key.minor and step == 0 and following is None
        yield Reading(numeral, function, "borrowed", 0.6 if picardy else 1.8 if key.minor and step == 0 else 0.9)
    elif not key.minor and step == 11 and chord.quality == "dim7":
        yield Reading(numeral, DOMINANT, "borrowed", 0.5, key.tonic, _roots(following, key.tonic))
    if step == 1 and chord.quality in ("", "maj7", "6"):
        leads = following is not None and (following.root - key.tonic) % 12 in (7, 0)
        yield Reading(numeral, SUBDOMINANT, "neapolitan", 0.9 if leads else 1.6)


def _targets(key: Key) -> Iterator[tuple[int, str]]:
    """The roots of the key that other chords may point to, with their numerals; a diminished one cannot be a goal."""
    for step, quality in ((2, "m"), (4, "m"), (5, ""), (7, ""), (9, "m")) if not key.minor else (
        (3, ""), (5, "m"), (7, ""), (8, ""), (10, ""),
    ):  # fmt: skip
        root = (key.tonic + step) % 12
        yield root, degree_name(Chord(root, quality, root), key)


def _borrowed_target(chord: Chord, key: Key, following: Chord | None, before: Chord | None) -> Iterator[Reading]:
    """The dominant of a borrowed degree, where that follows: V7/bVI and its like."""
    if following is None or key.minor or not is_dominant(chord) or (chord.root - following.root) % 12 != 7:
        return
    if (following.root - key.tonic) % 12 in (3, 8, 10) and following.family == "maj":
        numeral = f"V{suffix(chord.quality)}/{degree_name(following, key)}"
        cost = 1.0 if chord.family == "dom" else 1.6
        yield Reading(numeral, DOMINANT, "secondary dominant", cost, following.root, resolves=True)


def _secondary(chord: Chord, key: Key, following: Chord | None, before: Chord | None) -> Iterator[Reading]:
    """Dominants, leading-tone chords and related ii chords of the key's other degrees."""
    quality = suffix(chord.quality)
    for root, name in _targets(key):
        above = (chord.root - root) % 12
        home = _roots(following, root)
        if above == 7 and is_dominant(chord) and chord.family != "sus":
            alike = chord.quality in ("", "aug")
            cost = (0.8 if home else 1.9) + (0.5 if alike else 0.0)
            cost -= 0.3 if home and root == (key.tonic + 7) % 12 else 0.0  # the commonest goal of all
            yield Reading(f"V{quality}/{name}", DOMINANT, "secondary dominant", cost, root, home)
        elif above == 7 and chord.quality in ("7sus4", "11"):
            yield Reading(f"V{quality}/{name}", DOMINANT, "secondary dominant", 1.0 if home else 2.0, root, home)
        elif above == 11 and chord.family == "dim":
            yield Reading(f"vii{quality}/{name}", DOMINANT, "secondary leading tone", 0.8 if home else 1.8, root, home)
        elif above == 2 and chord.quality in ("m7", "m7b5", "m9", "m6", "m"):
            onward = following is not None and following.family in ("dom", "sus")
            if onward and following is not None and (following.root - root) % 12 in (7, 1):
                yield Reading(f"ii{quality}/{name}", SUBDOMINANT, "related ii", 0.7, root, resolves=True)


def _substitutes(chord: Chord, key: Key, following: Chord | None, before: Chord | None) -> Iterator[Reading]:
    """Dominants a tritone from where they would be, and the augmented sixth that sounds the same."""
    if chord.family != "dom":
        return
    quality = suffix(chord.quality)
    home = _roots(following, key.tonic)
    if (chord.root - key.tonic) % 12 == 1:
        yield Reading(f"subV{quality}", DOMINANT, "tritone substitute", 0.7 if home else 1.6, key.tonic, home)
    for root, name in _targets(key):
        if (chord.root - root) % 12 == 1:
            there = _roots(following, root)
            german = chord.quality == "7" and there and following is not None and following.family != "min"
            if german and name == "V":
                yield Reading("Ger+6", SUBDOMINANT, "augmented sixth", 0.9, root, resolves=True)
            else:
                yield Reading(
                    f"subV{quality}/{name}", DOMINANT, "tritone substitute", 1.0 if there else 2.2, root, there
                )


def _diminished(chord: Chord, key: Key, following: Chord | None, before: Chord | None) -> Iterator[Reading]:
    """Diminished chords that slide: up a semitone between two chords, or round a chord that stays."""
    if chord.quality not in ("dim", "dim7") or following is None:
        return
    numeral = jazz_numeral(chord, key)
    if following.root == chord.root or (chord.quality == "dim7" and following.root in chord.pitch_classes):
        yield Reading(numeral, CHROMATIC, "common-tone diminished", 1.0, following.root, resolves=True)
    near = (following.bass - chord.bass) % 12
    if near in (1, 11) or (before is not None and before.root == chord.root):
        through = before is not None and (chord.bass - before.bass) % 12 == near
        cost = (0.9 if through else 1.1) + (0.0 if near == 1 else 0.1)
        yield Reading(numeral, CHROMATIC, "passing diminished", cost, following.root, resolves=True)


_FINDERS: Final = (_of_the_key, _borrowed, _secondary, _borrowed_target, _substitutes, _diminished)
