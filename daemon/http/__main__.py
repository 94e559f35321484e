"""The web process: `python -m daemon.http LISTENER CHANNEL`, two descriptors it inherits.

It ends when the music does.
"""

import os
import resource
import signal
import socket
import sys
from typing import Final

import trio

from daemon.http.server import serve

POLITENESS: Final = 10
"""The music goes first where there are too few cores."""

MOST_FILES: Final = 4_096
"""Connections and files open at once, if the system allows so many."""


def main() -> None:
    """Serves until the channel closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(POLITENESS)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(MOST_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    listener, channel = (int(word) for word in sys.argv[1:3])
    trio.run(serve, listener, socket.socket(fileno=channel))


if __name__ == "__main__":
    main()
