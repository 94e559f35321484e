"""The key finder in batches, and the slopes of its loss: all beats of many sequences, forwards and backwards.

It is `realtime.core.key_finder` once more, in single precision; a test holds the two together.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.core.key_filter import (
    FIT_MEMORY,
    LONG_MEMORY,
    LOUDEST,
    MODES,
    RELATIONS,
    ROWS,
    SHORT_MEMORY,
    STATES,
    relations,
)

Floats = NDArray[np.float32]
Layers = dict[str, Floats]
"""The numbers that are fitted, by name."""

NOISE: Final = STATES
"""The state after those that are keys."""

TINY: Final = np.float32(1e-12)
SCALE_WEIGHT: Final = np.float32(0.5)
"""What the scale being right counts for, beside the key being right."""

WEIGHT_COST: Final = 1e-4

_TURNED: Final = (np.arange(12)[:, None] + np.arange(12)[None, :]) % 12


def new_layers(rng: np.random.Generator, hidden: int) -> Layers:
    """Where the fit begins: plain scales, and small random hidden units."""
    looks = np.zeros((ROWS, 12, len(MODES)))
    for mode, row in enumerate(_first_rows()):
        looks[0, :, mode] = row
    layers = {
        "looks": looks.reshape(ROWS * 12, len(MODES)),
        "offsets": np.zeros(len(MODES)),
        "hidden": rng.normal(size=(ROWS * 12, hidden)) * 0.2,
        "hidden_offsets": np.zeros(hidden),
        "hidden_out": rng.normal(size=(hidden, len(MODES))) * 0.1,
        "noise": np.zeros(7),
        "noise_offset": np.array([-1.0]),
        "entered": np.array([0.0, 0.0, -1.5, -1.5, -1.5, -1.5]),
        "relations": np.zeros(RELATIONS),
        "leaves": np.array([-4.0, 0.5]),
        "into_noise": np.array([-6.0]),
        "out_of_noise": np.array([-3.0]),
        "forgets": np.array([4.0]),
        "gain": np.array([-1.0, 3.0]),
    }
    return {name: value.astype(np.float32) for name, value in layers.items()}


def _first_rows() -> list[list[float]]:
    steps = ("202022020202", "202202022020", "202202020220", "202022020220", "202020220202", "220202022020")
    return [[0.16 * (int(mark) - 1) + 0.1 * (step in (0, 7)) for step, mark in enumerate(row)] for row in steps]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a batch of sequences looks like; first two axes: sequences, beats."""

    looks: Floats
    """… x 12 tonics x `ROWS` * 12."""
    heard: Floats
    novelty: Floats
    neighbours: Floats
    """… x 7: how much sounds so many semitones apart."""


def see(evidence: Floats) -> Seen:
    """From notes and basses, sequences x beats x 24, to what the finder looks at."""
    notes, bass = np.minimum(evidence[..., :12], LOUDEST), np.minimum(evidence[..., 12:24], 1.0)
    total = notes.sum(axis=-1, keepdims=True)
    shares = np.sqrt(notes / (total + 1e-6) + 1e-9) * np.minimum(1.0, total / 0.3)
    basses = bass / (bass.sum(axis=-1, keepdims=True) + 0.2)
    rows = np.zeros((*shares.shape[:2], ROWS, 12), dtype=np.float32)
    novelty = np.zeros(shares.shape[:2], dtype=np.float32)
    short, long, low = (np.zeros((len(shares), 12)) for _ in range(3))
    for beat in range(shares.shape[1]):
        now, under = shares[:, beat], basses[:, beat]
        for row, value in enumerate((now, under, _unit(short), _unit(long), _unit(low))):
            rows[:, beat, row] = value
        alike = (short * now).sum(axis=1) / np.sqrt((short**2).sum(axis=1) * (now**2).sum(axis=1) + 1e-4)
        novelty[:, beat] = 1.0 - alike
        short, long, low = SHORT_MEMORY * short + now, LONG_MEMORY * long + now, LONG_MEMORY * low + under
    turned = rows[..., _TURNED].swapaxes(2, 3).reshape(*shares.shape[:2], 12, ROWS * 12)
    apart = np.stack([(shares * np.roll(shares, -step, axis=-1)).sum(axis=-1) for step in range(7)], axis=-1)
    heard = np.minimum(1.0, shares.sum(axis=-1))
    return Seen(turned, heard.astype(np.float32), novelty, apart.astype(np.float32))


def _unit(memory: NDArray[np.float64]) -> NDArray[np.float64]:
    length: NDArray[np.float64] = memory / np.sqrt((memory**2).sum(axis=1, keepdims=True) + 1e-2)
    return length


def chance(odds: Floats) -> Floats:
    """From log odds to a probability."""
    return np.asarray(1.0 / (1.0 + np.exp(-odds)), dtype=np.float32)


def _softmax(odds: Floats) -> Floats:
    shares: Floats = np.exp(odds - odds.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    return shares


@dataclass(slots=True)
class Pass:
    """What a pass forwards leaves for the way back."""

    excited: Floats
    said: Floats
    """… x 72: what the looks say, before the gain."""
    gain: Floats
    fits: Floats
    misfit: Floats
    """… x 72: how badly each key explained the last bars."""
    leaves: Floats
    switches: Floats
    usual: Floats
    before: Floats
    """… x 73: the state before each beat, some of it forgotten."""
    predicted: Floats
    states: Floats
    """… x 73: how likely each state is after each beat."""


_RELATIONS: Final = relations()


def _switches(layers: Layers) -> Floats:
    odds = layers["relations"][_RELATIONS] + np.repeat(layers["entered"], 12)[None, :]
    odds[np.arange(STATES), np.arange(STATES)] = -np.inf
    return _softmax(odds)


def forward(layers: Layers, seen: Seen) -> Pass:
    """How likely each state is after each beat of each sequence."""
    count, beats = seen.heard.shape
    flat = seen.looks.reshape(-1, ROWS * 12)
    excited = np.maximum(flat @ layers["hidden"] + layers["hidden_offsets"], 0.0)
    said = (flat @ layers["looks"] + excited @ layers["hidden_out"]).reshape(count, beats, 12, len(MODES))
    said = said.swapaxes(2, 3) + (seen.heard[..., None] * layers["offsets"])[..., None]
    said = said.reshape(count, beats, STATES)
    gain = 2 * chance(layers["gain"][0] + layers["gain"][1] * seen.novelty)
    fits = said * gain[..., None]
    worse = np.log(np.exp(fits).mean(axis=-1, keepdims=True)) - fits
    misfit = np.zeros_like(fits)
    kept = np.zeros((count, STATES), dtype=np.float32)
    for beat in range(beats):
        kept = FIT_MEMORY * kept + (1 - FIT_MEMORY) * worse[:, beat]
        misfit[:, beat] = kept
    leaves = chance(layers["leaves"][0] + layers["leaves"][1] * misfit)
    noise = seen.neighbours @ layers["noise"] + layers["noise_offset"][0] * seen.heard
    switches, usual = _switches(layers), _softmax(np.repeat(layers["entered"], 12))
    result = Pass(
        excited, said, gain, fits, misfit, leaves, switches, usual,
        *(np.zeros((count, beats, STATES + 1), dtype=np.float32) for _ in range(3)),
    )  # fmt: skip
    _filter(layers, result, np.concatenate([fits, noise[..., None]], axis=-1))
    return result


def _filter(layers: Layers, run: Pass, fits: Floats) -> None:
    """The states, from beat to beat."""
    keeps = chance(layers["forgets"][0])
    into, out = chance(layers["into_noise"][0]), chance(layers["out_of_noise"][0])
    logs = np.log(np.append(0.9 * run.usual, 0.1))[None].repeat(len(fits), axis=0).astype(np.float32)
    for beat in range(fits.shape[1]):
        before = _softmax(keeps * logs)
        keys, none = before[:, :STATES], before[:, STATES:]
        moving = run.leaves[:, beat] * keys
        after = (1 - into) * (keys - moving + moving @ run.switches) + none * out * run.usual
        predicted = np.concatenate([after, into * keys.sum(axis=1, keepdims=True) + none * (1 - out)], axis=1)
        logs = np.log(predicted + TINY) + fits[:, beat]
        logs -= logs.max(axis=1, keepdims=True)
        logs -= np.log(np.exp(logs).sum(axis=1, keepdims=True))
        run.before[:, beat], run.predicted[:, beat], run.states[:, beat] = before, predicted, np.exp(logs)


def loss_of(states: Floats, wanted: Floats, scales: Floats, weight: Floats) -> tuple[float, Floats]:
    """The mean loss of a beat in nats, and its slope by the log odds of the states.

    `wanted`, `scales`: 1 for each state that is right, and for each of the right scale; `weight`: of each beat.
    """
    total = float(weight.sum()) + 1e-9
    slope = np.zeros_like(states)
    loss = 0.0
    for right, counts in ((wanted, np.float32(1.0)), (scales, SCALE_WEIGHT)):
        hit = states * right
        share = hit.sum(axis=-1, keepdims=True) + np.float32(1e-9)
        loss -= float(counts) * float((np.log(share[..., 0]) * weight).sum())
        slope += counts * (states - hit / share)
    return loss / total, slope * (weight[..., None] / np.float32(total))


def backward(layers: Layers, seen: Seen, run: Pass, slope: Floats) -> Layers:
    """The slope of the loss by every number, from that by the log odds of the states after each beat."""
    slopes: Layers = {}
    fits, leaving, table, usual = _filter_back(layers, run, slope, slopes)
    odds = run.switches * (table - (table * run.switches).sum(axis=1, keepdims=True))
    slopes["relations"] = np.bincount(_RELATIONS.ravel(), odds.ravel(), RELATIONS).astype(np.float32)
    odds_usual = run.usual * (usual - (usual * run.usual).sum())
    slopes["entered"] = (odds.sum(axis=0) + odds_usual).reshape(len(MODES), 12).sum(axis=1)
    leaving = leaving * run.leaves * (1 - run.leaves)
    slopes["leaves"] = np.array([leaving.sum(), (leaving * run.misfit).sum()], dtype=np.float32)
    misfit = leaving * layers["leaves"][1]
    kept = np.zeros_like(misfit[:, 0])
    for beat in reversed(range(misfit.shape[1])):
        kept = FIT_MEMORY * kept + misfit[:, beat]
        misfit[:, beat] = (1 - FIT_MEMORY) * kept
    slopes["noise"] = (fits[..., STATES:] * seen.neighbours).sum(axis=(0, 1))
    slopes["noise_offset"] = np.array([(fits[..., STATES] * seen.heard).sum()])
    keys = fits[..., :STATES] - misfit + misfit.sum(axis=-1, keepdims=True) * _softmax(run.fits)
    _looks_back(layers, seen, run, keys, slopes)
    for name in ("looks", "hidden"):
        slopes[name] = slopes[name] + np.float32(2 * WEIGHT_COST * (1.0 if name == "looks" else 0.3)) * layers[name]
    return slopes


def _filter_back(layers: Layers, run: Pass, slope: Floats, slopes: Layers) -> tuple[Floats, Floats, Floats, Floats]:
    """Slopes by what speaks for each state, by how easily each is left, by the switches and by the usual shares."""
    keeps = chance(layers["forgets"][0])
    into, out = chance(layers["into_noise"][0]), chance(layers["out_of_noise"][0])
    fits, moved = np.zeros_like(run.states), np.zeros_like(run.leaves)
    leaving = np.zeros_like(run.leaves)
    later = np.zeros_like(run.states[:, 0])
    forgets = into_slope = out_slope = 0.0
    usual = np.zeros(STATES, dtype=np.float32)
    start = np.log(np.append(0.9 * run.usual, 0.1)).astype(np.float32)
    for beat in reversed(range(slope.shape[1])):
        fits[:, beat] = slope[:, beat] + later
        back = fits[:, beat] / (run.predicted[:, beat] + TINY)
        before, left = run.before[:, beat], run.leaves[:, beat]
        keys, none = before[:, :STATES], before[:, STATES:]
        back_keys, back_none = back[:, :STATES], back[:, STATES:]
        moved[:, beat] = (1 - into) * back_keys
        through = moved[:, beat] @ run.switches.T
        leaving[:, beat] = keys * (through - moved[:, beat])
        by_keys = moved[:, beat] + left * (through - moved[:, beat]) + into * back_none
        by_none = (back_keys * run.usual).sum(axis=1, keepdims=True) * out + back_none * (1 - out)
        stay = run.predicted[:, beat, :STATES] - none * out * run.usual
        into_slope += float((back_none * keys.sum(axis=1, keepdims=True)).sum() - (back_keys * stay).sum() / (1 - into))
        out_slope += float((none * ((back_keys * run.usual).sum(axis=1, keepdims=True) - back_none)).sum())
        usual += (back_keys * none).sum(axis=0) * out
        by = np.concatenate([by_keys, by_none], axis=1)
        by = before * (by - (by * before).sum(axis=1, keepdims=True))
        earlier = np.log(run.states[:, beat - 1] + TINY) if beat else start
        forgets += float((by * earlier).sum())
        later = keeps * by
    usual += later[:, :STATES].sum(axis=0) / run.usual
    moving = (run.leaves * run.before[..., :STATES]).reshape(-1, STATES)
    for name, value in (
        ("forgets", forgets * keeps * (1 - keeps)),
        ("into_noise", into_slope * into * (1 - into)),
        ("out_of_noise", out_slope * out * (1 - out)),
    ):
        slopes[name] = np.array([value], dtype=np.float32)
    table: Floats = np.asarray(moving.T @ moved.reshape(-1, STATES), dtype=np.float32)
    return fits, leaving, table, usual


def _looks_back(layers: Layers, seen: Seen, run: Pass, keys: Floats, slopes: Layers) -> None:
    """Slopes by the looks and the hidden units, from those by what speaks for each key."""
    by_gain = (keys * run.said).sum(axis=-1) * run.gain * (1 - run.gain / 2)
    slopes["gain"] = np.array([by_gain.sum(), (by_gain * seen.novelty).sum()], dtype=np.float32)
    said = (keys * run.gain[..., None]).reshape(*keys.shape[:2], len(MODES), 12)
    slopes["offsets"] = (said.sum(axis=-1) * seen.heard[..., None]).sum(axis=(0, 1))
    modes = said.swapaxes(2, 3).reshape(-1, len(MODES))
    flat = seen.looks.reshape(-1, ROWS * 12)
    slopes["looks"] = np.asarray(flat.T @ modes, dtype=np.float32)
    slopes["hidden_out"] = np.asarray(run.excited.T @ modes, dtype=np.float32)
    excited = (modes @ layers["hidden_out"].T) * (run.excited > 0)
    slopes["hidden"] = np.asarray(flat.T @ excited, dtype=np.float32)
    slopes["hidden_offsets"] = excited.sum(axis=0)
