"""The key finder's numbers written down as Python: `realtime/core/key_tables.py`."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from daemon.training.key_net import Floats, Layers
from realtime.core.key_filter import MODES, ROWS

DECIMALS: Final = 3

_HEAD: Final = '''"""The numbers of the key finder. Made by `sideman train key --output realtime/core`, not by hand.

Columns go from the tonic up, in semitones. Five tables each: the beat's notes, its basses, the notes of just before,
those of the last bars, and their basses.
"""

from typing import Final

# fmt: off
'''

_AFTER_LOOKS: Final = '"""What each row of twelve speaks for each of the six modes."""\n\n'
_AFTER_HIDDEN: Final = '"""What excites each hidden unit."""\n\n'
_AFTER_OUT: Final = '"""What each hidden unit, a row, speaks for each mode."""\n\n'
_AFTER_ENTERED: Final = '"""How likely each mode is to be entered, in nats."""\n\n'
_AFTER_RELATIONS: Final = (
    '"""How likely another key is to follow, in nats: of the same scale, a fifth up, a fifth down, on the same tonic,\n'
    'any other."""\n\n'
)
_AFTER_LEAVES: Final = '"""Log odds that a key is left on a beat, and more for each nat that it explains badly."""\n\n'
_AFTER_NOISE: Final = '"""What speaks for noise: pitch classes beside each other by 0 to 6 semitones."""\n\n'
_AFTER_INTO: Final = '"""Log odds that noise begins, and that it ends."""\n\n'
_AFTER_FORGETS: Final = '"""What is left of a beat\'s word one beat later."""\n\n'
_AFTER_GAIN: Final = '"""What a beat counts for: log odds, half of double; more by so much where it is new."""\n\n'
_AFTER_TRUST: Final = (
    '"""Log odds that the key that is told is right: a constant, and by how likely the filter has it (log odds)."""\n'
)


def rounded(layers: Layers) -> Layers:
    """The numbers as they are written, so that what is judged is what is shipped."""
    return {name: np.round(layer.astype(np.float64), DECIMALS).astype(np.float32) for name, layer in layers.items()}


def tables_text(layers: Layers, trust: Sequence[float]) -> str:
    """The content of the file."""
    looks = layers["looks"].reshape(ROWS, 12, len(MODES)).swapaxes(1, 2)
    hidden = layers["hidden"].reshape(ROWS, 12, -1).swapaxes(1, 2)
    leaves, gain, forgets = layers["leaves"], layers["gain"], 1.0 / (1.0 + np.exp(-float(layers["forgets"][0])))
    parts = [
        _HEAD,
        _block("LOOKS", looks) + _AFTER_LOOKS,
        f"OFFSETS: Final = {_row(layers['offsets'])}\n\n",
        _block("HIDDEN", hidden) + _AFTER_HIDDEN,
        f"HIDDEN_OFFSETS: Final = {_rows(layers['hidden_offsets'])}\n\n",
        "HIDDEN_TO_MODE: Final = (\n" + _lines(layers["hidden_out"], "    ") + ")\n" + _AFTER_OUT,
        f"ENTERED: Final = {_row(layers['entered'])}\n" + _AFTER_ENTERED,
        f"RELATIONS: Final = {_row(layers['relations'])}\n" + _AFTER_RELATIONS,
        f"LEAVES, MISFIT_LEAVES = {_number(leaves[0])}, {_number(leaves[1])}\n" + _AFTER_LEAVES,
        f"NOISE: Final = {_row(layers['noise'])}\nNOISE_OFFSET: Final = {_number(layers['noise_offset'][0])}\n",
        _AFTER_NOISE,
        f"INTO_NOISE, OUT_OF_NOISE = {_number(layers['into_noise'][0])}, {_number(layers['out_of_noise'][0])}\n",
        _AFTER_INTO,
        f"FORGETS: Final = {forgets:.5f}\n" + _AFTER_FORGETS,
        f"USUAL_GAIN, NEW_GAIN = {_number(gain[0])}, {_number(gain[1])}\n" + _AFTER_GAIN,
        f"TRUST: Final = {_row(np.array(trust))}\n" + _AFTER_TRUST,
        "# fmt: on\n",
    ]
    return "".join(parts)


def _number(value: float) -> str:
    return f"{float(value) + 0.0:.{DECIMALS}f}"


def _row(values: Floats) -> str:
    return "(" + ", ".join(_number(value) for value in values) + ")"


def _rows(values: Floats) -> str:
    """A long row in lines of twelve."""
    lines = [", ".join(_number(value) for value in values[first : first + 12]) for first in range(0, len(values), 12)]
    return "(\n" + "".join(f"    {line},\n" for line in lines) + ")"


def _lines(table: Floats, indent: str) -> str:
    return "".join(f"{indent}{_row(row)},\n" for row in table)


def _block(name: str, tables: Floats) -> str:
    return f"{name}: Final = (\n" + "".join(f"    (\n{_lines(one, ' ' * 8)}    ),\n" for one in tables) + ")\n"
