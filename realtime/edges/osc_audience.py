"""Who hears what over OSC: the fixed listener, the subscribers, and who already knows.

Rules. A subscription lasts 60 s and is renewed by subscribing again; there are 32 at most, always to the
address that asked. Who turned a knob is not told of it, unless the value became another than the one sent.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from realtime.core.events import Output, ParameterChanged, ParameterSet, Rejected
from realtime.core.units import MICROS_PER_SECOND, Micros

SUBSCRIPTION_SECONDS: Final = 60
MAX_SUBSCRIBERS: Final = 32
MAX_SENT_VALUES: Final = 1_024

Address = tuple[str, int]
"""Host and port."""

SOURCE_PREFIX: Final = "osc:"


class TooMany(ValueError):
    """There are as many subscribers as there can be."""


@dataclass(slots=True)
class _Subscription:
    listener: Address
    """Where what is told goes."""
    expires_at: Micros


def source_of(peer: Address) -> str:
    """The source of a peer's inputs, "osc:HOST:PORT"."""
    return f"{SOURCE_PREFIX}{peer[0]}:{peer[1]}"


def peer_of(source: str) -> Address | None:
    """The peer that "osc:HOST:PORT" means; None for any other source."""
    if not source.startswith(SOURCE_PREFIX):
        return None
    host, _, port = source.removeprefix(SOURCE_PREFIX).rpartition(":")
    return (host, int(port)) if host and port.isdecimal() else None


class Audience:
    """Everyone who listens.

    Args:
        fixed: a listener that need not subscribe, or None.

    Thread: trio.
    """

    def __init__(self, fixed: Address | None) -> None:
        self._fixed = fixed
        self._subscriptions: dict[Address, _Subscription] = {}
        self._sent_values: OrderedDict[tuple[str, str], object] = OrderedDict()

    def __len__(self) -> int:
        return len(self._subscriptions)

    def subscribe(self, peer: Address, port: int | None, now: Micros) -> Address:
        """Tells `peer` everything from now on, at its own port or at `port`; where that is.

        Raises:
            TooMany: 32 others are subscribed.
        """
        self._forget_expired(now)
        if peer not in self._subscriptions and len(self._subscriptions) >= MAX_SUBSCRIBERS:
            raise TooMany(f"subscribe: {MAX_SUBSCRIBERS} listeners are subscribed, which is the most")
        listener = (peer[0], peer[1] if port is None else port)
        expires_at = Micros(now + SUBSCRIPTION_SECONDS * MICROS_PER_SECOND)
        self._subscriptions[peer] = _Subscription(listener, expires_at)
        return listener

    def unsubscribe(self, peer: Address, port: int | None) -> None:
        """Ends what `peer` subscribed to, or everything that goes to its `port`."""
        self._subscriptions.pop(peer, None)
        if port is not None:
            listener = (peer[0], port)
            for other in [o for o, s in self._subscriptions.items() if s.listener == listener]:
                del self._subscriptions[other]

    def reply_address(self, peer: Address) -> Address:
        """Where an answer to `peer` goes: where it subscribed, else where it sent from."""
        subscription = self._subscriptions.get(peer)
        return subscription.listener if subscription else peer

    def remember_sent(self, event: ParameterSet, sent: object) -> None:
        """Notes what `event.source` sent, to know later whether it was clamped. The last 1024 are kept."""
        key = (event.source, event.path)
        self._sent_values[key] = sent
        self._sent_values.move_to_end(key)
        if len(self._sent_values) > MAX_SENT_VALUES:
            self._sent_values.popitem(last=False)

    def listeners_of(self, event: Output, now: Micros) -> list[Address]:
        """Who is to be told of `event`."""
        match event:
            case Rejected(source=source):
                peer = peer_of(source)
                return [self.reply_address(peer)] if peer else self.everyone(now)
            case ParameterChanged():
                return self._all_but_who_knows(event, now)
            case _:
                return self.everyone(now)

    def everyone(self, now: Micros) -> list[Address]:
        """Everyone who listens now."""
        self._forget_expired(now)
        listeners = dict.fromkeys(s.listener for s in self._subscriptions.values())
        if self._fixed is not None:
            listeners[self._fixed] = None
        return list(listeners)

    def _all_but_who_knows(self, event: ParameterChanged, now: Micros) -> list[Address]:
        peer = peer_of(event.source)
        if peer is None:
            return self.everyone(now)
        everyone = self.everyone(now)
        origin = self.reply_address(peer)
        if self._sent_values.get((event.source, event.path), event.value) == event.value:
            return [listener for listener in everyone if listener != origin]
        return everyone if origin in everyone else [*everyone, origin]

    def _forget_expired(self, now: Micros) -> None:
        for peer in [peer for peer, s in self._subscriptions.items() if s.expires_at <= now]:
            del self._subscriptions[peer]
