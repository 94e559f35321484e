"""What the network is told of the band, as somebody else's browser of the network sees it."""

import threading

import pytest
import zeroconf

from daemon.http.announcer import Announcer
from daemon.http.wire import Hello

KINDS = ("_osc._udp.local.", "_oscjson._tcp.local.")
LOOPBACK = ("127.0.0.1",)
SECONDS = 15


def hello(host, osc_host):
    return Hello(version="1", host=host, port=8123, token="", osc_host=osc_host, osc_port=8124, sessions="", styles=())


class Browser(zeroconf.ServiceListener):
    """Sees what there is, by name."""

    def __init__(self, interfaces=LOOPBACK):
        self.names, self._changed = set(), threading.Condition()
        self.network = zeroconf.Zeroconf(interfaces=list(interfaces))
        zeroconf.ServiceBrowser(self.network, list(KINDS), self)

    def add_service(self, zc, type_, name):
        with self._changed:
            self.names.add(name)
            self._changed.notify_all()

    def remove_service(self, zc, type_, name):
        with self._changed:
            self.names.discard(name)
            self._changed.notify_all()

    def update_service(self, zc, type_, name):
        pass

    def until(self, condition):
        with self._changed:
            assert self._changed.wait_for(lambda: condition(self.names), SECONDS), self.names


@pytest.fixture
def browser():
    one = Browser()
    yield one
    one.network.close()


def test_a_band_is_seen_with_its_ports_and_is_gone_when_it_ends(browser):
    announcer = Announcer(hello("127.0.0.1", "127.0.0.1"), "sideman in a test")
    announcer.open(LOOPBACK)
    expected = {f"sideman in a test.{kind}" for kind in KINDS}
    browser.until(lambda names: names >= expected)
    ports = {kind: browser.network.get_service_info(kind, f"sideman in a test.{kind}").port for kind in KINDS}
    assert list(ports.values()) == [8124, 8123]
    announcer.close()
    browser.until(lambda names: not names & expected)
    announcer.close()


def test_two_bands_have_two_names(browser):
    bands = [Announcer(hello("127.0.0.1", "127.0.0.1"), "sideman twice") for _ in range(2)]
    for band in bands:
        band.open(LOOPBACK)
    browser.until(lambda names: len([name for name in names if name.startswith("sideman twice")]) == 4)
    for band in bands:
        band.close()


@pytest.mark.parametrize(
    ("host", "osc_host", "kinds"),
    [
        ("127.0.0.1", "localhost", set()),
        ("0.0.0.0", "127.0.0.1", {"http"}),
        ("::1", "0.0.0.0", {"osc"}),
        ("192.0.2.7", "192.0.2.7", {"osc", "http"}),
    ],
)
def test_only_what_others_can_reach_is_announced(host, osc_host, kinds):
    assert set(Announcer(hello(host, osc_host)).reachable()) == kinds
