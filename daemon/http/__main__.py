"""The web process: `python -m daemon.http LISTENER CHANNEL`, two descriptors it inherits.

It ends when the music does.
"""

import os
import signal
import socket
import sys
from typing import Final

import trio

from daemon.http.server import serve

POLITENESS: Final = 10
"""The music goes first where there are too few cores."""


def main() -> None:
    """Serves until the channel closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(POLITENESS)
    listener, channel = (int(word) for word in sys.argv[1:3])
    trio.run(serve, listener, socket.socket(fileno=channel))


if __name__ == "__main__":
    main()
