"""A style's band over a chart that it knows, beat by beat, while a player plays over it."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from realtime.core.band.note import BandNote
from realtime.core.bandleader import BandLeader, BeatPlan
from realtime.core.chance import Chance
from realtime.core.chart import Chart
from realtime.core.chord import Chord
from realtime.core.key_finder import Key
from realtime.core.parameters import DEFAULTS
from realtime.core.register import Register
from realtime.core.style import Style

ENERGIES: Final = {"A": 0.2, "B": 0.45, "C": 0.7, "D": 0.95}
PLAYER_PITCH: Final = 67
"""Where the player's hand is taken to be: on the G above middle C."""

KEY_WINDOW: Final = 12
"""Beats before and after that tell the key."""

LOOKAHEAD: Final = 8
_KEYS: Final = tuple(Key(tonic, minor) for minor in (False, True) for tonic in range(12))


@dataclass(frozen=True, slots=True)
class PlayedBeat:
    """A beat: what the band knew, the key of the beat after it, the variation, and what was played.

    `moves`: whether the harmony moves there, which ends what keys, pad and bass had sounding.
    """

    plan: BeatPlan
    next_key: Key
    variation: str
    notes: list[BandNote]
    moves: bool


def play_chart(
    style: Style, chart: Chart, bars: int, variation_of: Callable[[int], str], player: Sequence[int]
) -> Iterator[PlayedBeat]:
    """`bars` bars of a chart, round and round.

    `variation_of` a bar: another one is led into by a fill. `player` strikes these keys, one a beat.
    """
    leader, keys, per_bar = BandLeader(style, Chance(len(chart.beats))), keys_of(chart), style.meter.beats_per_bar
    register = Register()
    for beat in range(bars * per_bar):
        chord, variation = chart.chord_at(beat), variation_of(beat // per_bar)
        register.strike(player[beat % len(player)])
        plan = BeatPlan(
            number=beat,
            chord=chord,
            chord_before=chart.chord_at(beat - 1) if beat else None,
            coming=tuple(chart.chord_at(beat + ahead) for ahead in range(1, LOOKAHEAD + 1)),
            key=keys[beat % len(keys)],
            energy=ENERGIES[variation],
            crowd=register.crowd,
            harmony=True,
            fill_now=variation_of(beat // per_bar + 1) != variation,
        )
        notes = leader.play(plan, style.meter, {**DEFAULTS, "variation": variation})
        yield PlayedBeat(plan, keys[(beat + 1) % len(keys)], variation, notes, leader.is_new_harmony(plan))
        register.end_beat()


@lru_cache(maxsize=256)
def keys_of(chart: Chart) -> tuple[Key, ...]:
    """The likeliest key on each beat, by the chords around; the key before stays where another is no better."""
    keys: list[Key] = []
    total = len(chart.beats)
    reach = min(KEY_WINDOW, total)
    for beat in range(total):
        around = Counter(chart.chord_at(beat + away) for away in range(-reach, reach + 1))

        def fits(key: Key, around: Counter[Chord | None] = around) -> float:
            scale = key.scale
            return sum(
                count * (sum(pitch in scale for pitch in chord.pitch_classes) + 0.5 * _is_home(chord, key))
                for chord, count in around.items()
                if chord is not None
            )

        best = max(_KEYS, key=fits)
        keys.append(keys[-1] if keys and fits(keys[-1]) >= fits(best) - 1.0 else best)
    return tuple(keys)


def _is_home(chord: Chord, key: Key) -> bool:
    return chord.root == key.tonic and (chord.family == "min") == key.minor
