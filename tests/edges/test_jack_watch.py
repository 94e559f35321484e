import os
import sys
from pathlib import Path

import pytest

from realtime.edges import jack_watch
from realtime.edges.jack_watch import server_identity

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux lists its sockets")

HEAD = "Num       RefCount Protocol Flags    Type St Inode Path\n"


@pytest.fixture
def sockets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(jack_watch, "SOCKETS", tmp_path / "unix")
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "stage")
    return tmp_path / "unix"


def a_socket(flags: str, inode: int, name: str) -> str:
    return f"0000: 00000002 00000000 {flags} 0001 01 {inode} /dev/shm/jack_{name}_{os.getuid()}_0\n"


def test_a_server_is_known_by_the_socket_it_listens_at(sockets: Path) -> None:
    sockets.write_text(HEAD + a_socket("00000000", 1, "stage") + a_socket("00010000", 2, "stage"))
    assert server_identity() == "2"


def test_another_server_or_none_is_not_ours(sockets: Path) -> None:
    assert server_identity() == ""
    sockets.write_text(HEAD + a_socket("00010000", 3, "another") + "0000: odd line\n")
    assert server_identity() == ""
