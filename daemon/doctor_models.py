"""What the doctor looks at of the large models and their training: extras, all of them."""

import sys
from collections.abc import Iterator

from daemon.config import Config
from daemon.finding import Finding
from daemon.models.command import listed
from daemon.models.qwen import has_mlx
from daemon.worker_environment import quick_blas


def large_models(config: Config) -> Finding:
    """The large models are an extra: nobody needs them."""
    there = [each.name for each in listed(config) if each.is_there]
    missing = [each.name for each in listed(config) if not each.is_there]
    fix = f"not needed; `sideman models list` tells how to get {' and '.join(missing)}" if missing else ""
    return Finding("large models", ok=not missing, seen=", ".join(there) or "none", fix=fix, serious=False)


def training_speed() -> Iterator[Finding]:
    """On Linux mlx brings the reference BLAS along; with OpenBLAS before it training is about eight times as fast."""
    if sys.platform == "linux" and has_mlx() and quick_blas() is None:
        fix = "sudo apt install libopenblas0-pthread"
        seen = "mlx is installed without OpenBLAS: `sideman train` takes about eight times as long"
        yield Finding("training speed", ok=False, seen=seen, fix=fix, serious=False)
