import os
import socket
import sys

import pytest

from realtime.edges.port_busy import PortBusy, holder

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells who holds a port")


@linux
@pytest.mark.parametrize("protocol", ["udp", "tcp"])
def test_the_holder_of_a_port_is_named(protocol: str) -> None:
    kind = socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.bind(("127.0.0.1", 0))
        if protocol == "tcp":
            sock.listen()
        port = sock.getsockname()[1]
        assert f"(process {os.getpid()})" in holder(port, protocol)
        text = str(PortBusy("127.0.0.1", port, protocol=protocol, setting="osc.port"))
    assert f"port {port} on 127.0.0.1 is in use by" in text
    assert "--set osc.port=" in text


def test_a_free_port_has_no_holder() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    assert holder(port, "udp") == ""
