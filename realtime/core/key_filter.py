"""How likely each key is, carried from beat to beat: a hidden Markov model over 12 tonics in six modes, and noise.

A state looks at five rows of twelve from its own tonic: the beat's notes and basses, the notes of just before and of
the last bars, and their basses. What it says of them is a sum of weights and of what a few hidden units make of them;
what has just been heard already tells less than what is new. Each state is left at a rate that knows how well it has
explained the last bars. The numbers are fitted together: `daemon.training.key`.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.core import key_tables as tables

Floats = NDArray[np.float64]

MODES: Final = ("major", "minor", "dorian", "mixolydian", "lydian", "phrygian")
TO_MAJOR: Final = (0, 3, 10, 5, 7, 8)
"""From the tonic of each mode up to that of the major key with the same scale."""

IS_MINOR: Final = (False, True, True, False, False, True)
STATES: Final = 12 * len(MODES)
"""The states that are keys, a mode's tonics side by side; the one after them is noise."""

ROWS: Final = 5
RELATIONS: Final = 5
"""What a key is to another: of the same scale, a fifth up, a fifth down, on the same tonic, anything else."""

LOUDEST: Final = 1.5
"""More of one pitch class in a beat does not count."""

SHORT_MEMORY: Final = 0.55
LONG_MEMORY: Final = 0.88
FIT_MEMORY: Final = 0.85
"""What is left a beat later of what was just heard, of the last bars, and of how well they were explained."""

FIRST_NOISE: Final = 0.1
"""How likely noise is before anything was heard."""

TINY: Final = 1e-12


def scales_of_states() -> NDArray[np.intp]:
    """The tonic of the major key with the scale of each state."""
    modes, tonics = np.divmod(np.arange(STATES), 12)
    scales: NDArray[np.intp] = (tonics + np.array(TO_MAJOR)[modes]) % 12
    return scales


def relations() -> NDArray[np.intp]:
    """What each state, a column, is to each, a row."""
    tonics, scales = np.arange(STATES) % 12, scales_of_states()
    apart = (scales[None, :] - scales[:, None]) % 12
    same = tonics[:, None] == tonics[None, :]
    kinds = np.full((STATES, STATES), 4)
    kinds[(apart == 7) & ~same] = 1
    kinds[(apart == 5) & ~same] = 2
    kinds[same] = 3
    kinds[apart == 0] = 0
    return kinds


def _chance(odds: float) -> float:
    return float(1.0 / (1.0 + np.exp(-odds)))


def _usual() -> Floats:
    """How likely each key is before anything was heard."""
    shares: Floats = np.repeat(np.exp(np.array(tables.ENTERED)), 12)
    return shares / float(shares.sum())


def _switches() -> Floats:
    """How likely each state is to follow each that is left."""
    table = np.exp(np.array(tables.RELATIONS)[relations()] + np.repeat(np.array(tables.ENTERED), 12)[None, :])
    np.fill_diagonal(table, 0.0)
    shares: Floats = table / table.sum(axis=1, keepdims=True)
    return shares


_TURNED: Final = (np.arange(12)[:, None] + np.arange(12)[None, :]) % 12
_LOOKS: Final = np.concatenate([np.concatenate(np.array(rows), axis=1) for rows in (tables.LOOKS, tables.HIDDEN)])
"""Modes, then hidden units, x `ROWS` * 12."""

_HIDDEN_OFFSETS: Final = np.array(tables.HIDDEN_OFFSETS)[:, None]
_HIDDEN_TO_MODE: Final = np.array(tables.HIDDEN_TO_MODE).T[:, :, None]
_ALWAYS: Final = np.repeat(np.array(tables.OFFSETS), 12)
_NEIGHBOURS: Final = np.array(tables.NOISE)
_SWITCHES: Final = _switches()
_USUAL: Final = _usual()
_INTO_NOISE, _OUT_OF_NOISE = _chance(tables.INTO_NOISE), _chance(tables.OUT_OF_NOISE)
_APART: Final = (np.arange(12)[None, :] - np.arange(7)[:, None]) % 12


class KeyFilter:
    """Listens a beat at a time; constant memory."""

    def __init__(self) -> None:
        self.states: Floats = np.append((1.0 - FIRST_NOISE) * _USUAL, FIRST_NOISE)
        """How likely each state is: 72 keys, modes x tonics, and noise."""
        self._logs = np.log(self.states)
        self._short, self._long, self._low = np.zeros(12), np.zeros(12), np.zeros(12)
        self._misfit = np.zeros(STATES)

    def hear(self, notes: Floats, bass: Floats) -> Floats:
        """A beat later, with the weights of the pitch classes and of the basses heard in it; the bass's shares."""
        notes = np.minimum(notes, LOUDEST)
        total = float(notes.sum())
        shares = np.sqrt(notes / (total + 1e-6) + 1e-9) * min(1.0, total / 0.3)
        bass = np.minimum(bass, 1.0)
        basses = bass / (float(bass.sum()) + 0.2)
        heard = min(1.0, float(shares.sum()))
        lately = float((self._short**2).sum())
        old = float((self._short * shares).sum()) / float(np.sqrt(lately * float((shares**2).sum()) + 1e-4))
        rows = np.array([shares, basses, _unit(self._short), _unit(self._long), _unit(self._low)])
        self._short = SHORT_MEMORY * self._short + shares
        self._long = LONG_MEMORY * self._long + shares
        self._low = LONG_MEMORY * self._low + basses
        gain = 2.0 * _chance(tables.USUAL_GAIN + tables.NEW_GAIN * (1.0 - old))
        fits = gain * (_said(rows) + _ALWAYS * heard)
        neighbours = (shares[None, :] * shares[_APART]).sum(axis=1)
        noise = tables.NOISE_OFFSET * heard + float((_NEIGHBOURS * neighbours).sum())
        worse = np.log(np.exp(fits).mean()) - fits
        self._misfit = FIT_MEMORY * self._misfit + (1.0 - FIT_MEMORY) * worse
        self._move_on(fits, noise)
        return basses

    def _move_on(self, fits: Floats, noise: float) -> None:
        before = np.exp(tables.FORGETS * self._logs)
        before /= float(before.sum())
        keys, none = before[:STATES], float(before[STATES])
        moving = keys / (1.0 + np.exp(-tables.LEAVES - tables.MISFIT_LEAVES * self._misfit))
        after = keys - moving + np.einsum("i,ij->j", moving, _SWITCHES)
        after = (1.0 - _INTO_NOISE) * after + none * _OUT_OF_NOISE * _USUAL
        stays = _INTO_NOISE * float(keys.sum()) + none * (1.0 - _OUT_OF_NOISE)
        logs = np.log(np.append(after, stays) + TINY) + np.append(fits, noise)
        logs -= float(logs.max())
        self.states = np.exp(logs)
        total = float(self.states.sum())
        self.states /= total
        self._logs = logs - np.log(total)


def _unit(memory: Floats) -> Floats:
    length: Floats = memory / np.sqrt(float((memory**2).sum()) + 1e-2)
    return length


def _said(rows: Floats) -> Floats:
    """What the looks, `ROWS` x 12, say for each of the keys."""
    turned = rows[:, _TURNED].swapaxes(0, 1).reshape(12, ROWS * 12)
    says = np.einsum("sr,tr->st", _LOOKS, turned)
    modes, excited = says[: len(MODES)], np.maximum(says[len(MODES) :] + _HIDDEN_OFFSETS, 0.0)
    said: Floats = (modes + (_HIDDEN_TO_MODE * excited[None, :, :]).sum(axis=1)).ravel()
    return said
