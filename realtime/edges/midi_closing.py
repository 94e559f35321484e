"""Closing MIDI ports: quietly, for what is gone already may fail to close, and then it does not matter."""

import logging
import threading
from collections.abc import Sequence

from realtime.edges.midi_backend import Ear, Mouth

log = logging.getLogger("sideman.midi")


def close_quietly(end: Ear | Mouth) -> None:
    """Closes a port. Never raises.

    Thread: any one.
    """
    try:
        end.close()
    except Exception:
        log.exception("a MIDI port could not be closed")


def close_aside(ends: Sequence[Ear | Mouth]) -> None:
    """Closes ports one after the other on a thread, which nobody waits for (a dead server may keep each a second)."""

    def close_all() -> None:
        for end in ends:
            close_quietly(end)

    threading.Thread(target=close_all, name="lost MIDI ports", daemon=True).start()


def close_together(ends: Sequence[Ear | Mouth]) -> list[threading.Thread]:
    """Closes ports, each of which waits for its last messages to leave, and none for the others; who does it."""
    threads = [threading.Thread(target=close_quietly, args=(end,), name="MIDI port") for end in ends]
    for thread in threads:
        thread.start()
    return threads
