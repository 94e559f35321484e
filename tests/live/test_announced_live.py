"""A band that others can reach is seen on the network while it plays."""

import signal
from pathlib import Path

import ifaddr
import pytest

from tests.daemon.http.test_announcer import Browser
from tests.live.conftest import stop
from tests.live.test_daemon_live import Daemon

KIND = "_osc._udp.local."


def test_a_band_bound_to_the_network_is_announced_and_withdrawn(tmp_path: Path) -> None:
    found = [one.ip for adapter in ifaddr.get_adapters() for one in adapter.ips if one.is_IPv4]
    reachable = [address for address in found if not address.startswith("127.")]
    if not reachable:
        pytest.skip("this machine has no network but its own")
    browser = Browser(reachable)
    everywhere = ("http.host=0.0.0.0", "osc.host=0.0.0.0", "http.token=0123456789abcdef")
    daemon = Daemon(tmp_path, "midi.backend=loopback", "audio.device=null", *everywhere)
    try:

        def is_announced(names: set[str]) -> bool:
            """Under our port: another band on this network, or one that has just gone, may be seen, too."""
            told = [browser.network.get_service_info(KIND, name) for name in names if name.endswith(KIND)]
            return daemon.osc_port in [one.port for one in told if one is not None]

        browser.until(is_announced)
        assert all(name.startswith("sideman on ") for name in browser.names)
        assert stop(daemon.process, signal.SIGTERM) == 0, daemon.errors()
        browser.until(lambda names: not is_announced(names))
    finally:
        stop(daemon.process)
        browser.network.close()
