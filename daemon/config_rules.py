"""What a key of the configuration may hold: a rule says so to people and checks it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Final

from realtime.core.meter import ALLOWED_DENOMINATORS, MAX_NUMERATOR, Meter

MAX_TEXT: Final = 1024


def parse_meter(value: object) -> Meter:
    """The meter that a text such as "6/8" names.

    Raises:
        ValueError: it names none.
    """
    if not isinstance(value, str) or value.count("/") != 1 or not value.isascii() or len(value) > 8:
        raise ValueError(f"not a time signature: {value!r:.80}")
    numerator, denominator = value.split("/")
    return Meter(int(numerator), int(denominator))


@dataclass(frozen=True, slots=True)
class Number:
    """A number from `low` to `high`; whole where the default is whole."""

    low: float
    high: float
    help: str
    whole: bool = True

    @property
    def allowed(self) -> str:
        """The allowed values, for people."""
        return f"a {'whole ' if self.whole else ''}number {self.low:.16g} to {self.high:.16g}"

    def accepts(self, value: object) -> bool:
        """Whether `value` may stand here."""
        if isinstance(value, bool) or not isinstance(value, int if self.whole else int | float):
            return False
        return math.isfinite(value) and self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Text:
    """A text: one of `choices` if there are any."""

    help: str
    choices: tuple[str, ...] = ()
    what: str = "a text"
    may_be_empty: bool = True

    @property
    def allowed(self) -> str:
        """The allowed values, for people."""
        return "one of " + ", ".join(self.choices) if self.choices else self.what

    def accepts(self, value: object) -> bool:
        """Whether `value` may stand here."""
        if not isinstance(value, str) or len(value) > MAX_TEXT or "\0" in value:
            return False
        return value in self.choices if self.choices else bool(value) or self.may_be_empty


@dataclass(frozen=True, slots=True)
class Switch:
    """true or false."""

    help: str
    allowed: str = "true or false"

    def accepts(self, value: object) -> bool:
        """Whether `value` may stand here."""
        return isinstance(value, bool)


@dataclass(frozen=True, slots=True)
class Names:
    """A list of texts, such as patterns of port names."""

    help: str
    allowed: str = "a list of texts"

    def accepts(self, value: object) -> bool:
        """Whether `value` may stand here."""
        return isinstance(value, list | tuple) and all(isinstance(v, str) and v for v in value)


LONGEST_LATENCY_MS: Final = 100.0


def parse_latencies(texts: Sequence[str]) -> dict[str, float]:
    """How long MIDI outputs take, in ms, by pattern: of ("Nord=12", "Volca=-3.5").

    Raises:
        ValueError: one of them is no such thing.
    """
    table = {}
    for text in texts:
        pattern, _, number = text.rpartition("=")
        if not pattern or not -LONGEST_LATENCY_MS <= float(number) <= LONGEST_LATENCY_MS:
            raise ValueError(f"not a latency: {text!r:.80}")
        table[pattern] = float(number)
    return table


@dataclass(frozen=True, slots=True)
class Latencies:
    """A list of texts that say how long the ports of a pattern take."""

    help: str
    allowed: str = 'a list of texts such as "Nord=12": part of a port\'s name, and -100 to 100 ms'

    def accepts(self, value: object) -> bool:
        """Whether `value` may stand here."""
        if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
            return False
        try:
            parse_latencies(value)
        except ValueError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Bindings:
    """A list of tables that say which MIDI message does what."""

    help: str
    allowed: str = "a list of tables with target and message, and perhaps port, mode and value"

    def accepts(self, value: object) -> bool:
        """Whether `value` may stand here."""
        tables = value if isinstance(value, list | tuple) else [None]
        return all(isinstance(t, dict) and _BINDING_NEEDS <= t.keys() <= _BINDING_HAS and _plain(t) for t in tables)


_BINDING_NEEDS: Final = {"target", "message"}
_BINDING_HAS: Final = {*_BINDING_NEEDS, "port", "mode", "value"}


def _plain(table: dict[str, object]) -> bool:
    """Whether everything is a text, but for the value, which may be a number or a switch, too."""
    return all(isinstance(table[key], str | int | float if key == "value" else str) for key in table)


@dataclass(frozen=True, slots=True)
class Addresses:
    """A list of IP addresses and networks."""

    help: str
    allowed: str = "a list of IP addresses or networks, as 192.168.1.20 or 192.168.1.0/24"

    def accepts(self, value: object) -> bool:
        """Whether `value` may stand here."""
        return isinstance(value, list | tuple) and all(isinstance(text, str) and _is_network(text) for text in value)


def _is_network(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class MeterText:
    """A time signature such as 4/4, or nothing."""

    help: str
    allowed: str = f"empty, or a time signature such as 4/4: 1 to {MAX_NUMERATOR} over one of " + ", ".join(
        str(d) for d in ALLOWED_DENOMINATORS
    )

    def accepts(self, value: object) -> bool:
        """Whether `value` may stand here."""
        if value == "":
            return True
        try:
            parse_meter(value)
        except ValueError:
            return False
        return True


Rule = Number | Text | Switch | Names | Addresses | Latencies | Bindings | MeterText
