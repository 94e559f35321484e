"""Reads values out of a parsed TOML table, and collects everything that is wrong with them."""

from collections.abc import Mapping, Sequence
from typing import Final

MAX_ROW_BARS: Final = 16


class TableReader:
    """Walks a mapping and collects what is wrong with it, so that one error can list it all."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def table(self, at: str, value: object) -> Mapping[str, object]:
        if isinstance(value, Mapping):
            return value
        self.problems.append(f"{at}: must be a table, but was {value!r:.60}")
        return {}

    def known(self, at: str, table: Mapping[str, object], allowed: tuple[str, ...] | frozenset[str]) -> None:
        for key in table:
            if key not in allowed:
                self.problems.append(f"{at}.{key}: unknown; allowed are {', '.join(sorted(allowed))}".lstrip("."))

    def number(self, at: str, value: object, low: float, high: float) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
            return float(value)
        self.problems.append(f"{at}: must be a number {low:g} to {high:g}, but was {value!r:.60}")
        return low

    def word(self, at: str, value: object, allowed: tuple[str, ...]) -> str:
        if value not in allowed:
            self.problems.append(f"{at}: must be one of {', '.join(allowed)}, but was {value!r:.60}")
        return str(value)

    def switch(self, at: str, value: object) -> bool:
        if not isinstance(value, bool):
            self.problems.append(f"{at}: must be true or false, but was {value!r:.60}")
        return value is True

    def numbers(self, at: str, value: object, count: int, low: float, high: float) -> tuple[float, ...]:
        """A list of so many numbers."""
        if isinstance(value, Sequence) and not isinstance(value, str) and len(value) == count:
            return tuple(self.number(at, one, low, high) for one in value)
        self.problems.append(f"{at}: must be a list of {count} numbers, but was {value!r:.60}")
        return (low,) * count

    def row(self, at: str, value: object, steps_per_bar: int, alphabet: frozenset[str]) -> str:
        """A row without its decoration, whole bars long."""
        text = "".join(value.replace("|", "").split()) if isinstance(value, str) else ""
        wrong = sorted(set(text) - alphabet)
        if not text or wrong or len(text) % steps_per_bar or len(text) > MAX_ROW_BARS * steps_per_bar:
            self.problems.append(
                f"{at}: must be 1 to {MAX_ROW_BARS} bars of {steps_per_bar} steps out of "
                f"'{''.join(sorted(alphabet))}', but was {value!r:.60} ({len(text)} steps)"
            )
            return "." * steps_per_bar
        return text
