"""Who may send OSC when others than this machine can reach the port: listed addresses, and those that were allowed.

Rules. This machine itself always may. A stranger is refused and noted as asking; once allowed, it may. UDP says only
where a datagram claims to come from, so this keeps out the wrong tablet and the curious, not a forger on the same wire.
"""

from collections import OrderedDict
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

MOST_ASKING: Final = 8
"""Strangers remembered; the one that has been silent longest makes room."""

MOST_ALLOWED: Final = 64
_MOST_SEEN: Final = 256


class BadAddress(ValueError):
    """What was given is no IP address, or (where those are taken) no network."""


class GuestList:
    """The list. Nothing that arrives makes it grow beyond its bounds.

    Args:
        listed: addresses ("192.168.1.20") and networks ("192.168.1.0/24") that may always send.
        allowed: addresses that were allowed before.

    Raises:
        BadAddress: one of them is none.

    Thread: trio.
    """

    def __init__(self, listed: Iterable[str] = (), allowed: Iterable[str] = ()) -> None:
        self._networks = tuple(network(text) for text in listed)
        self._allowed = dict.fromkeys(address(text) for text in allowed)
        self._asking: OrderedDict[str, None] = OrderedDict()
        self._seen: set[str] = set()
        self.changes = 0
        """How often `asking` or `allowed` became another."""
        self.refused = 0
        """Datagrams that were not let in."""

    @property
    def allowed(self) -> tuple[str, ...]:
        """Who was allowed, oldest first."""
        return tuple(self._allowed)

    @property
    def asking(self) -> tuple[str, ...]:
        """Who was refused and not yet allowed, the latest last."""
        return tuple(self._asking)

    def admits(self, host: str) -> bool:
        """Whether a datagram from `host` may come in; who may not is asking from now on. Never raises."""
        if host in self._seen:
            return True
        try:
            guest = address(host)
        except BadAddress:
            self.refused += 1
            return False
        if self._may_enter(guest):
            if len(self._seen) >= _MOST_SEEN:
                self._seen.clear()
            self._seen.add(host)
            return True
        self.refused += 1
        self._note(guest)
        return False

    def allow(self, host: str) -> None:
        """Lets `host` in from now on.

        Raises:
            BadAddress: it is no address.
        """
        guest = address(host)
        if guest in self._allowed and guest not in self._asking:
            return
        self.changes += 1
        self._asking.pop(guest, None)
        if len(self._allowed) >= MOST_ALLOWED:
            del self._allowed[next(iter(self._allowed))]
            self._seen.clear()
        self._allowed[guest] = None

    def forget(self, host: str) -> None:
        """`host` is a stranger again.

        Raises:
            BadAddress: it is no address.
        """
        guest = address(host)
        if guest in self._allowed or guest in self._asking:
            self.changes += 1
        self._allowed.pop(guest, None)
        self._asking.pop(guest, None)
        self._seen.clear()

    def _may_enter(self, guest: str) -> bool:
        known = ip_address(guest)
        return guest in self._allowed or known.is_loopback or any(known in network for network in self._networks)

    def _note(self, guest: str) -> None:
        if guest in self._asking:
            self._asking.move_to_end(guest)
            return
        if len(self._asking) >= MOST_ASKING:
            self._asking.popitem(last=False)
        self._asking[guest] = None
        self.changes += 1


def address(text: str) -> str:
    """An IP address in its usual spelling; one of IPv4 in IPv6's clothes as what it is.

    Raises:
        BadAddress: it is none.
    """
    try:
        found = ip_address(text)
    except ValueError:
        raise BadAddress(f"{text!r:.80} is not an IP address") from None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped or found)


def network(text: str) -> IPv4Network | IPv6Network:
    """An address or a network.

    Raises:
        BadAddress: it is neither.
    """
    try:
        return ip_network(text, strict=False)
    except ValueError:
        raise BadAddress(f"{text!r:.80} is neither an IP address nor a network, as 192.168.1.0/24") from None
