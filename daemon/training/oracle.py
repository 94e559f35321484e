"""Remakes the oracle's tables from tunes: counts of what chords do, and the gates that weigh its experts.

The gates are fitted on songs that the counts they are played with have not seen; songs of one group stay together.
The same files and seed give the same bytes.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from safetensors.numpy import save

from daemon.config import ConfigError
from daemon.training.oracle_data import GRIDS, GridName, read_songs
from realtime import _dsp

EPOCHS: Final = 5
WORTH: Final[dict[GridName, float]] = {"beats": 50.0, "changes": 7.0, "bars": 24.0}
"""A context is kept for saying so many nats more than a more general one, over all songs. Less: larger, not better."""

_FEWEST_SONGS: Final = 8


def train_oracle(files: Sequence[Path], output: Path, *, seed: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Trains on tunes as the data format has them and writes the tables to `output`; returns what came of it.

    Raises:
        ConfigError: there are too few tunes with chords.
    """
    songs = read_songs(files)
    for problem in songs.problems[:20]:
        say(f"left out: {problem}")
    tensors: dict[str, np.ndarray[Any, np.dtype[Any]]] = {}
    figures: dict[str, Any] = {"sources": songs.sources, "left_out": len(songs.problems)}
    for grid in GRIDS:
        pieces = songs.by_grid[grid]
        if len(pieces) < _FEWEST_SONGS:
            raise ConfigError([f"only {len(pieces)} tunes have a chart of {grid}; at least {_FEWEST_SONGS} are needed"])
        events = sum(len(piece[0]) for piece in pieces)
        say(f"{grid}: {len(pieces)} songs, {events} events")
        tables, bits = _dsp.train_oracle(grid, pieces, seed=seed, epochs=EPOCHS, worth=WORTH[grid])
        say(f"{grid}: {len(tables) // 1000} kB; bits an event: {bits[-1][0]:.3f}, cold {bits[-1][-1]:.3f}")
        tensors[grid] = np.frombuffer(tables, dtype=np.uint8)
        figures |= {f"{grid}.songs": len(pieces), f"{grid}.events": events, f"{grid}.bytes": len(tables)}
        figures |= {f"{grid}.bits": round(bits[-1][0], 4), f"{grid}.cold_bits": round(bits[-1][-1], 4)}
    # One entry: several would be written in any order, and the same tables would not be the same bytes.
    output.write_bytes(save(tensors, metadata={"sources": f"seed {seed}: {'; '.join(sorted(songs.sources))}"}))
    return figures
