"""Whether the band follows the player's dynamics: how its energy goes with theirs over swells, bar by bar.

The player swells from soft to loud and back, twice, over a round of chords. The band's energy in a bar is the sum of
its notes' velocities, each with the weight of its part in the mix, a second: louder and busier both count.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from daemon.evaluation.practice import LOOPS, Practice, Sounded, sounded
from realtime.core.style import Style
from realtime.core.weights import Weights

LISTEN_BARS: Final = 4
"""Bars at the soft end before anything is judged: the band comes in."""

SWELL_BARS: Final = 16
"""From soft to loud, or back."""

SWELLS: Final = 4
SOFTEST: Final = 30
LOUDEST: Final = 118


def swells(style: Style) -> tuple[Practice, list[int]]:
    """A player who swells, and the velocity of each bar."""
    player, loop = Practice(style), LOOPS[0]
    up = np.linspace(SOFTEST, LOUDEST, SWELL_BARS)
    velocities = [SOFTEST] * LISTEN_BARS
    for swell in range(SWELLS):
        velocities += [round(float(v)) for v in (up if swell % 2 == 0 else up[::-1])]
    player.start()
    for bar, velocity in enumerate(velocities):
        player.comp([loop[bar % len(loop)]], bar, velocity)
    return player, velocities


def energy_by_bar(notes: Sequence[Sounded], player: Practice, bars: int) -> list[float]:
    """Velocity-weighted note density of each bar, a second; a note of a chord counts for its share of it."""
    energies = [0.0] * bars
    length = player.at(player.beats_per_bar)
    for note in notes:
        bar = min(bars - 1, int((note.start + length // 32) // length))
        energies[bar] += (note.velocity / 127) ** 2
    return [1e6 * energy / length for energy in energies]


def correlation(style: Style, weights: Weights | None = None) -> float:
    """Pearson's, of the band's energy with the player's velocity, over the bars that are judged."""
    player, velocities = swells(style)
    notes = sounded(player.played(len(velocities) * player.beats_per_bar, weights))
    band = energy_by_bar(notes, player, len(velocities))
    return float(np.corrcoef(band[LISTEN_BARS:], velocities[LISTEN_BARS:])[0, 1])
