"""Where on the keyboard the player's hands have been lately, so that the band can keep out of their way."""

from typing import Final

Crowd = tuple[float, ...]
"""For each of the 128 keys how much it is the player's, 0..1."""

NOBODY: Final[Crowd] = (0.0,) * 128

_STRUCK: Final = 0.5
_BESIDE: Final = 0.15
"""How much of a key one stroke makes the player's, and of the keys a semitone or a whole tone away."""

_KEPT: Final = 0.82
"""What is left of that a beat later: less than half after a bar of four."""

_LEAST: Final = 0.01


class Register:
    """Weighs the keys by how often and how lately they were struck."""

    def __init__(self) -> None:
        self._weights = [0.0] * 128

    def strike(self, pitch: int) -> None:
        """A key was struck."""
        for key in range(max(0, pitch - 2), min(127, pitch + 2) + 1):
            self._weights[key] = min(1.0, self._weights[key] + (_STRUCK if key == pitch else _BESIDE))

    def end_beat(self) -> None:
        """A beat later everything counts less."""
        self._weights = [weight * _KEPT if weight > _LEAST else 0.0 for weight in self._weights]

    @property
    def crowd(self) -> Crowd:
        """As it is now."""
        return tuple(self._weights)
