"""The error for a network port that somebody else holds, and who that is."""

import contextlib
import sys
from pathlib import Path
from typing import Final, Literal

Protocol = Literal["udp", "tcp"]

_LISTENING: Final = {"udp": "07", "tcp": "0A"}
"""Socket states in /proc/net: an unconnected UDP socket is 'closed'."""


class PortBusy(OSError):
    """A port is taken: which, by whom if that can be known, and how to choose another.

    Args:
        setting: the configuration key that chooses the port.
    """

    def __init__(self, host: str, port: int, *, protocol: Protocol, setting: str) -> None:
        who = holder(port, protocol)
        by = f" by {who}" if who else ""
        super().__init__(
            f"{protocol.upper()} port {port} on {host} is in use{by}. "
            f"Stop that program, or choose another port: --set {setting}={port + 10_000 if port < 50_000 else 18_000}"
        )
        self.port = port


def holder(port: int, protocol: Protocol) -> str:
    """The process that holds a local port, as "name (process 123)"; empty where that cannot be known.

    Linux only; other people's processes are not seen. Takes tens of milliseconds.

    Thread: any one, never while music plays.
    """
    if not sys.platform.startswith("linux"):
        return ""
    wanted = {f"socket:[{inode}]" for inode in _inodes(port, protocol)}
    if not wanted:
        return ""
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            if str(descriptor.readlink()) in wanted:
                process = descriptor.parts[2]
                name = Path(f"/proc/{process}/comm").read_text(encoding="utf-8", errors="replace").strip()
                return f"{name} (process {process})"
    return ""


def _inodes(port: int, protocol: Protocol) -> set[str]:
    """The kernel's numbers of the sockets bound to `port`."""
    found: set[str] = set()
    for table in (protocol, protocol + "6"):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/net/{table}").read_text(encoding="ascii").splitlines()[1:]:
                fields = line.split()
                if int(fields[1].rpartition(":")[2], 16) == port and fields[3] == _LISTENING[protocol]:
                    found.add(fields[9])
    return found
