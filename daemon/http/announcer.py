"""Zeroconf: tells the network that there is a band, `_osc._udp` for controllers and `_oscjson._tcp` for OSCQuery.

Rules. Only what others can reach is announced, under a name that nobody else has, and it is withdrawn at the end. The
library (LGPL) is an extra; without it one line says so. It has threads of its own, so it lives in this process.
"""

import importlib
import logging
import socket
from functools import partial
from ipaddress import ip_address
from typing import Any, Final

import trio

from daemon.http.wire import Hello

MISSING: Final = (
    "the network is not told of the band (tablets are given its address by hand): pip install 'sideman[zeroconf]'"
)
WITHDRAW_SECONDS: Final = 0.5
_TYPES: Final = (("_osc._udp.local.", "osc"), ("_oscjson._tcp.local.", "http"))

log = logging.getLogger("sideman.http")


class Announcer:
    """What is announced of one band."""

    def __init__(self, hello: Hello, name: str = "") -> None:
        """`name` is what people see; the machine's, if it is left out."""
        self._name = name or f"sideman on {socket.gethostname().removesuffix('.local')}"
        self._places = {"osc": (hello.osc_host, hello.osc_port), "http": (hello.host, hello.port)}
        self._zeroconf: Any = None
        self._services: list[Any] = []

    def reachable(self) -> dict[str, tuple[str, int]]:
        """Where others can reach us, by kind; not what only this machine can."""
        return {kind: (host, port) for kind, (host, port) in self._places.items() if port and not _is_own(host)}

    async def run(self, over: trio.Event) -> None:
        """Announces, until it is over; then withdraws."""
        if not self.reachable():
            return
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._announce)
            await over.wait()
            # Though it be announcing still: what has been told is withdrawn.
            with trio.CancelScope(shield=True, deadline=trio.current_time() + WITHDRAW_SECONDS):
                await trio.to_thread.run_sync(self.close, abandon_on_cancel=True)
            nursery.cancel_scope.cancel()

    async def _announce(self) -> None:
        try:
            await trio.to_thread.run_sync(self.open, abandon_on_cancel=True)
        except ImportError:
            log.warning(MISSING)
        except Exception as problem:  # the network may be anything
            log.warning("the network cannot be told of the band: %s", str(problem) or type(problem).__name__)

    def open(self, interfaces: tuple[str, ...] = ()) -> None:
        """Announces everything; takes a second or two. `interfaces`: addresses of ours; without, all that are reached.

        Raises:
            ImportError: zeroconf is not installed.
            OSError: the network does not take it.
        """
        zeroconf = importlib.import_module("zeroconf")
        places = self.reachable() or self._places
        wanted = interfaces or tuple({address for host, _ in places.values() for address in _addresses(host)})
        self._zeroconf = zeroconf.Zeroconf(interfaces=list(wanted))
        for kind, key in _TYPES:
            if key in places:
                host, port = places[key]
                addresses = interfaces or _addresses(host)
                packed = [ip_address(address).packed for address in addresses]
                info = partial(zeroconf.ServiceInfo, kind, f"{self._name}.{kind}", port=port, addresses=packed)
                self._services.append(info(properties={"txtvers": "1"}))
        for service in self._services:
            self._zeroconf.register_service(service, allow_name_change=True)

    def close(self) -> None:
        """Withdraws it. Twice does no harm."""
        if self._zeroconf is not None:
            self._zeroconf.unregister_all_services()
            self._zeroconf.close()
            self._zeroconf = None


def _is_own(host: str) -> bool:
    """Whether only this machine can reach a host of its own."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _addresses(host: str) -> list[str]:
    """The addresses that a host stands for; every one of ours, but for loopback, where it stands for all."""
    try:
        stands_for_all = ip_address(host).is_unspecified
    except ValueError:
        return sorted({str(found[4][0]) for found in socket.getaddrinfo(host, None, socket.AF_INET)})
    if not stands_for_all:
        return [host]
    adapters = importlib.import_module("ifaddr").get_adapters()
    every = [found.ip for adapter in adapters for found in adapter.ips if found.is_IPv4]
    return [address for address in every if not ip_address(address).is_loopback]
