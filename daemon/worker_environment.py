"""The environment of our worker processes."""

import os
import sys
from pathlib import Path
from typing import Final

OPENBLAS: Final = "usr/lib/*-linux-gnu/openblas-pthread/libblas.so.3"
"""Below `/`, where Debian's libopenblas0-pthread lies."""


def worker_environment() -> dict[str, str]:
    """Ours, with our own packages first: a folder named `daemon` where the user stands must not be taken for us."""
    ours = str(Path(__file__).resolve().parents[1])
    paths = [ours, os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


def quick_blas(root: Path = Path("/")) -> Path | None:
    """OpenBLAS, on Linux, where mlx brings the plain reference BLAS along; None where it is not installed."""
    return next(iter(sorted(root.glob(OPENBLAS))), None) if sys.platform == "linux" else None
