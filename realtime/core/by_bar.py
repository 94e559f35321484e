"""A choice that holds from a bar line on: which variation, which style. Bars count from 0."""

from typing import Final, Generic, TypeVar

KEPT: Final = 8
"""Turns remembered; what was chosen before the last few bars nobody plays again."""

T = TypeVar("T")


class ByBar(Generic[T]):
    """What holds in each bar, as far as it has been decided; the last decision goes on."""

    def __init__(self, first: T) -> None:
        self._turns: list[tuple[int, T]] = [(-1, first)]

    @property
    def latest(self) -> T:
        """What was decided last."""
        return self._turns[-1][1]

    def on(self, bar: int) -> T:
        """What holds in `bar`."""
        return next((value for first, value in reversed(self._turns) if first <= bar), self._turns[0][1])

    def is_decided(self, bar: int) -> bool:
        """Whether something was decided for just this bar."""
        return any(first == bar for first, _ in self._turns)

    def turn(self, bar: int, value: T) -> None:
        """`value` holds from `bar` on; what was decided for later bars is forgotten."""
        self.forget(bar)
        self._turns = [*self._turns[1 - KEPT :], (bar, value)]

    def forget(self, bar: int) -> None:
        """From `bar` on nothing is decided: what held before goes on."""
        self._turns = [turn for turn in self._turns if turn[0] < bar] or self._turns[:1]

    def begin(self) -> None:
        """Bars count from 0 again: what was decided last holds."""
        self._turns = [(-1, self.latest)]
