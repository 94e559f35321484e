"""The environment of our worker processes."""

import os
from pathlib import Path


def worker_environment() -> dict[str, str]:
    """Ours, with our own packages first: a folder named `daemon` where the user stands must not be taken for us."""
    ours = str(Path(__file__).resolve().parents[1])
    paths = [ours, os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
