"""Which key the music is in: a hidden Markov model over 12 tonics in six modes, and noise, a beat at a time.

A state expects certain pitch classes and basses, and ten hidden units look at those together with what was heard just
before; how likely each state is, is carried from beat to beat. What has just been heard already tells less than what
is new. The numbers were fitted together (gradient descent on the log loss of the filtered state, a beat at a time; the
odds of another key and the weight of a beat were then raised a little, for speed) to 1,783 annotated tunes: POP909
(MIT), McGill Billboard (CC0), OpenEWLD (MIT), Open Hymnal (public domain), OpenScore Lieder (CC0) and RS200 (de Clercq
and Temperley, CC BY 4.0). Half of the sequences moved to another key somewhere, three in ten were melodies alone, some
were turned into the other modes note by note, and some were random keys, clusters and chromatic runs, in no key.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.core import key_tables as tables
from realtime.core.evidence import Evidence
from realtime.core.units import PITCH_CLASS_NAMES_FLAT, PITCH_CLASS_NAMES_SHARP

Floats = NDArray[np.float64]

MODES: Final = ("major", "minor", "dorian", "mixolydian", "lydian", "phrygian")
_STEPS: Final = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
}
_TO_MAJOR: Final = (0, 3, 10, 5, 7, 8)
"""From the tonic of each mode up to that of the major key with the same scale."""

_IS_MINOR: Final = (False, True, True, False, False, True)
_STATES: Final = 12 * len(MODES)
"""The states that are keys; the one after them is noise."""

LOUDEST: Final = 1.5
"""More of one pitch class in a beat does not count."""

CHANGE_OF_MIND: Final = 1.3
"""How many times likelier than the present key another must be."""

LEAST_SURE: Final = 0.25
"""A key less likely than this is not told."""

SURE_OF_MODE: Final = 0.75
LEAST_OF_MODE: Final = 0.5
BEATS_OF_MODE: Final = 16
"""A mode is told when it has been so likely, of all with its tonic and third, for so many beats; until it is not."""

BASS_MEMORY: Final = 0.97
"""And only where its tonic is the bass most heard; what is left of a bass a beat later."""

RESTLESS: Final = (1.0, 0.5)
SETTLED_BEATS: Final = 64
"""A key that has lasted so many beats is left more easily, by so many nats: to a neighbour, to any other."""

_SHARP_KEYS: Final = {(tonic, False) for tonic in (7, 2, 9, 4, 11, 6)} | {(tonic, True) for tonic in (4, 11, 6, 1, 8)}


def _switches(fifth: float, other: float) -> Floats:
    """How likely each state is to follow each on the next beat; the odds of another scale raised so many nats."""
    modes, tonics = np.divmod(np.arange(_STATES), 12)
    scales = (tonics + np.array(_TO_MAJOR)[modes]) % 12
    apart = (scales[None, :] - scales[:, None]) % 12
    odds = np.full((_STATES, _STATES), tables.OTHER + other)
    odds[tonics[:, None] == tonics[None, :]] = tables.PARALLEL
    odds[((apart == 5) | (apart == 7)) & (tonics[:, None] != tonics[None, :])] = tables.FIFTH + fifth
    odds[((apart == 5) | (apart == 7)) & (tonics[:, None] == tonics[None, :])] = tables.PARALLEL
    odds[apart == 0] = tables.RELATIVE
    table = np.exp(odds + np.array(tables.ENTERED)[modes][None, :])
    np.fill_diagonal(table, 1.0)
    leaves, comes = _chance(tables.INTO_NOISE), _chance(tables.OUT_OF_NOISE)
    switches = np.zeros((_STATES + 1, _STATES + 1))
    switches[:_STATES, :_STATES] = (1.0 - leaves) * table / table.sum(axis=1, keepdims=True)
    switches[:_STATES, _STATES] = leaves
    switches[_STATES] = np.append(comes * _usual(), 1.0 - comes)
    return switches


def _usual() -> Floats:
    """How likely each key is before anything was heard."""
    shares: Floats = np.repeat(np.exp(np.array(tables.ENTERED)), 12)
    return shares / float(shares.sum())


def _chance(odds: float) -> float:
    return float(1.0 / (1.0 + np.exp(-odds)))


def _table(rows: tuple[tuple[float, ...], ...]) -> Floats:
    """A row a state, from modes and degrees to modes and pitch classes."""
    return np.array([np.roll(row, tonic) for row in rows for tonic in range(12)])


_NOTES: Final = _table(tables.NOTES_OF_MODE)
_BASSES: Final = _table(tables.BASSES_OF_MODE)
_HIDDEN: Final = np.array([tables.HIDDEN_NOTES, tables.HIDDEN_BASSES, tables.HIDDEN_LATELY])
_HIDDEN_OFFSETS: Final = np.array(tables.HIDDEN_OFFSETS)[None, :]
_HIDDEN_TO_MODE: Final = np.array(tables.HIDDEN_TO_MODE)
_ALWAYS: Final = np.repeat(np.array(tables.OFFSETS), 12)
_SWITCHES: Final = _switches(0.0, 0.0)
_SWITCHES_LATER: Final = _switches(*RESTLESS)


@dataclass(frozen=True, slots=True)
class Key:
    """A tonic, 0..11, major or minor, and the mode where it is another of that kind ("dorian" …; "" for plain)."""

    tonic: int
    minor: bool
    mode: str = ""

    @property
    def mode_name(self) -> str:
        """One of `MODES`."""
        return self.mode or ("minor" if self.minor else "major")

    @property
    def uses_flats(self) -> bool:
        """Whether its notes are written with flats."""
        if not self.mode:
            return (self.tonic, self.minor) not in _SHARP_KEYS
        return ((self.tonic + _TO_MAJOR[MODES.index(self.mode)]) % 12, False) not in _SHARP_KEYS

    @property
    def scale(self) -> tuple[int, ...]:
        """Its seven pitch classes (natural minor)."""
        return tuple((self.tonic + step) % 12 for step in _STEPS[self.mode_name])

    @property
    def name(self) -> str:
        """As "Eb major" or "D dorian"."""
        names = PITCH_CLASS_NAMES_FLAT if self.uses_flats else PITCH_CLASS_NAMES_SHARP
        return f"{names[self.tonic]} {self.mode_name}"


class BadKey(ValueError):
    """A key name that cannot be read."""


def parse_key(text: str) -> Key:
    """The key that "Eb major", "F# minor", "D dorian", "Am" or "C" names.

    Raises:
        BadKey: it names none.
    """
    words = text.strip().replace("♭", "b").replace("♯", "#").split()
    tonic, mode = words[0] if words else "", words[1].lower() if len(words) == 2 else "major"
    mode = {"min": "minor", "maj": "major"}.get(mode, mode)
    if len(words) == 1 and tonic.endswith("m"):
        tonic, mode = tonic[:-1], "minor"
    names = (PITCH_CLASS_NAMES_FLAT, PITCH_CLASS_NAMES_SHARP)
    known = {name: index for spelling in names for index, name in enumerate(spelling)}
    if tonic not in known or len(words) > 2 or mode not in MODES:
        raise BadKey(f"a key is a note with 'major', 'minor' or a mode, as 'Eb major', but was {text!r:.40}")
    return _key_in(known[tonic], MODES.index(mode))


class KeyFinder:
    """Listens a beat at a time; changes its mind only for good reasons."""

    def __init__(self) -> None:
        self._logs = np.log(np.append(0.9 * _usual(), 0.1))
        self._lately = np.zeros(12)
        self._basses = np.zeros(12)
        self._mode = 0
        self._beats_of_mode = 0
        self._beats_of_key = 0
        self.key: Key | None = None
        self.confidence = 0.0

    @property
    def shares(self) -> Floats:
        """How likely each key is if it is one at all: the major ones from C up, then the minor ones."""
        shares = _by_third(np.exp(self._logs)) + 1e-4
        return shares / float(shares.sum())

    def take(self, evidence: Evidence) -> None:
        """Adds a beat of evidence and judges again."""
        self._hear(np.minimum(evidence.weights, LOUDEST), np.minimum(evidence.bass, 1.0))
        odds = np.exp(self._logs)
        shares = _by_third(odds)
        winner = int(shares.argmax())
        present = None if self.key is None else self.key.tonic + 12 * self.key.minor
        stays = present is not None and shares[winner] <= CHANGE_OF_MIND * shares[present]
        if present != winner and not stays and shares[winner] > LEAST_SURE:
            present, self._mode, self._beats_of_mode, self._beats_of_key = winner, int(winner >= 12), 0, 0
        if present is None:
            return
        self._beats_of_key += 1
        self.confidence = float(shares[present])
        rests = int(self._basses.argmax()) == present % 12
        self._judge_mode(odds[:_STATES].reshape(len(MODES), 12)[:, present % 12], minor=present >= 12, rests=rests)
        self.key = _key_in(present % 12, self._mode)

    def _hear(self, notes: Floats, bass: Floats) -> None:
        """A beat later, with what was heard in it."""
        total = float(notes.sum())
        shares = np.sqrt(notes / (total + 1e-6) + 1e-9) * min(1.0, total / 0.3)
        basses = bass / (float(bass.sum()) + 0.2)
        heard = min(1.0, float(shares.sum()))
        recent = float((self._lately**2).sum())
        old = float((self._lately * shares).sum()) / float(np.sqrt(recent * (shares**2).sum() + 1e-4))
        seen = np.array([shares, basses, self._lately / np.sqrt(recent + 1e-2)])
        self._lately = self._lately * tables.REMEMBERED + shares
        self._basses = self._basses * BASS_MEMORY + basses
        gain = 2.0 * _chance(tables.USUAL_GAIN + tables.NEW_GAIN * (1.0 - old))
        fits = (_NOTES * shares).sum(axis=1) + (_BASSES * basses).sum(axis=1) + _ALWAYS * heard
        fits = gain * (fits + _by_units(seen))
        neighbours = [float((shares * np.roll(shares, -step)).sum()) for step in range(7)]
        noise = tables.NOISE_OFFSET * heard + sum(w * n for w, n in zip(tables.NOISE, neighbours, strict=True))
        before = np.exp(tables.FORGETS * self._logs)
        switches = _SWITCHES if self._beats_of_key < SETTLED_BEATS else _SWITCHES_LATER
        after = (before[:, None] * switches).sum(axis=0) / before.sum()
        logs = np.log(after + 1e-12) + np.append(fits, noise)
        logs -= logs.max()
        self._logs = logs - np.log(np.exp(logs).sum())

    def _judge_mode(self, odds: Floats, *, minor: bool, rests: bool) -> None:
        """Which mode of its kind the present key is in; `odds` has one for each; `rests`: on its tonic."""
        alike = np.where(np.array(_IS_MINOR) == minor, odds, 0.0)
        likeliest, share = int(alike.argmax()), alike / max(float(alike.sum()), 1e-12)
        if self._mode > 1 and share[self._mode] < LEAST_OF_MODE:
            self._mode, self._beats_of_mode = int(minor), 0
        certain = rests and likeliest > 1 and likeliest != self._mode and share[likeliest] > SURE_OF_MODE
        self._beats_of_mode = self._beats_of_mode + 1 if certain else 0
        if self._beats_of_mode >= BEATS_OF_MODE:
            self._mode, self._beats_of_mode = likeliest, 0


def _by_units(seen: Floats) -> Floats:
    """What the hidden units say of each state; `seen` is three rows of twelve pitch classes."""
    turned = np.array([np.roll(seen, -tonic, axis=1) for tonic in range(12)])
    excited = np.maximum((turned[:, None] * _HIDDEN.swapaxes(0, 1)[None]).sum(axis=(2, 3)) + _HIDDEN_OFFSETS, 0.0)
    says: Floats = (excited[:, :, None] * _HIDDEN_TO_MODE[None]).sum(axis=1).T.ravel()
    return says


def _by_third(odds: Floats) -> Floats:
    """The odds of all major-like modes on each tonic, then those of all minor-like ones."""
    modes = odds[:_STATES].reshape(len(MODES), 12)
    minor = np.array(_IS_MINOR)
    return np.concatenate([modes[~minor].sum(axis=0), modes[minor].sum(axis=0)])


def _key_in(tonic: int, mode: int) -> Key:
    return Key(tonic, _IS_MINOR[mode], MODES[mode] if mode > 1 else "")
