"""What a model's process does to itself first: its memory is capped, so that it dies and not the band."""

import contextlib
import os
import resource

from daemon.models.child import MEMORY_VARIABLE


def cap_memory() -> None:
    """Caps this process's data at what `MEMORY_VARIABLE` says, where the system can; lowers its priority.

    Data and not address space, since models are mapped from files. macOS has no such limit; mlx has its own.
    """
    with contextlib.suppress(OSError):
        os.nice(5)
    allowed = os.environ.get(MEMORY_VARIABLE, "")
    if allowed.isdigit():
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_DATA, (int(allowed), int(allowed)))
