"""What was learnt before the session and is handed to the heart: it reads no files itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Tensors = Mapping[str, NDArray[np.generic]]
"""Arrays by name, as a safetensors file holds them."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Trained tables by purpose. An empty one means: do without, on rules and counts alone."""

    recogniser: Tensors = field(default_factory=dict)
    oracle: Tensors = field(default_factory=dict)
    harmoniser: Tensors = field(default_factory=dict)
