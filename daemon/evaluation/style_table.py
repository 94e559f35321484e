"""What a style's band plays over charts, by numbers: how voices move, what is out of place, and how often it repeats.

Each chart is played for `BARS` bars in each variation, the plan known, as the bandleader plays it. Keys: the key of
each beat is the one whose scale holds most of the chords around it. A note may be of its chord, of its bass or of the
key's scale (less what the chord alters); what approaches or walks is not counted,
nor what the band adds on the way to the next chord, and a push is judged by the chord it
pushes to.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from realtime.core.band.bassist import HIGHEST, LOWEST
from realtime.core.band.note import BandNote
from realtime.core.bandleader import BandLeader, BeatPlan
from realtime.core.chance import Chance
from realtime.core.chart import BadChart, Chart, parse_chart
from realtime.core.chord import Chord, is_same_harmony
from realtime.core.key_finder import Key
from realtime.core.parameters import DEFAULTS
from realtime.core.register import Crowd, Register
from realtime.core.style import PUSH, VARIATIONS, Style, step_at

BARS: Final = 32
ENERGIES: Final = {"A": 0.2, "B": 0.45, "C": 0.7, "D": 0.95}
PLAYER_PITCH: Final = 67
"""Where the player's hand is taken to be: on the G above middle C."""

COLLISION: Final = 2
"""A note of the keys nearer than this many semitones to the player's is in the way."""

KEY_WINDOW: Final = 12
"""Beats before and after that tell the key."""

LOOKAHEAD: Final = 8


_KEYS: Final = tuple(Key(tonic, minor) for minor in (False, True) for tonic in range(12))


@dataclass(slots=True)
class Tally:
    """What was counted; see `figures`."""

    moves: list[float] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    distinct: list[int] = field(default_factory=list)

    def figures(self) -> dict[str, float]:
        """`motion` in semitones a voice a change, shares 0..1, counts, and distinct bars of `BARS`."""
        notes = self.counts
        return {
            "motion": round(sum(self.moves) / max(1, len(self.moves)), 2),
            "foreign": round(notes["foreign"] / max(1, notes["judged"]), 4),
            "root": round(notes["on_root"] / max(1, notes["changes"]), 4),
            "crossings": notes["crossings"],
            "out_of_range": notes["out_of_range"],
            "collisions": round(notes["collisions"] / max(1, notes["keys"]), 4),
            "distinct_bars": round(sum(self.distinct) / max(1, len(self.distinct)), 1),
        }


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


def fitting(chord: Chord, key: Key) -> set[int]:
    """The pitch classes that may sound over a chord: its own, its bass, and those of the key that it does not alter."""
    own = {*chord.pitch_classes, chord.bass}
    altered = own - {*key.scale}
    return own | {pitch for pitch in key.scale if not {(pitch + 1) % 12, (pitch - 1) % 12} & altered}


def moved(before: Sequence[int], after: Sequence[int]) -> float:
    """Semitones a voice, the voices paired from the lowest up where they pair best."""
    few, many = sorted((sorted(before), sorted(after)), key=len)
    shifts = range(len(many) - len(few) + 1)
    return min(sum(abs(a - b) for a, b in zip(few, many[shift:], strict=False)) for shift in shifts) / len(few)


def measure(style: Style, charts: Mapping[str, str], variations: Sequence[str] = VARIATIONS, bars: int = BARS) -> Tally:
    """Plays every chart that fits the style's bars in each variation, and counts."""
    tally = Tally()
    for text in charts.values():
        try:
            chart = parse_chart(text, style.meter.beats_per_bar)
        except BadChart:
            continue  # four chords do not fit into a bar of three
        for variation in variations:
            _play(style, chart, variation, tally, bars)
    return tally


def _play(style: Style, chart: Chart, variation: str, tally: Tally, bars: int) -> None:
    leader, keys, per_bar = BandLeader(style, Chance(len(chart.beats))), keys_of(chart), style.meter.beats_per_bar
    parameters = {**DEFAULTS, "variation": variation}
    seen: set[tuple[tuple[int, str, int], ...]] = set()
    bar_notes: list[tuple[int, str, int]] = []
    hand: tuple[int, ...] = ()
    hand_chord: Chord | None = None
    for beat in range(bars * per_bar):
        chord, before = chart.chord_at(beat), chart.chord_at(beat - 1) if beat else None
        plan = BeatPlan(
            number=beat,
            chord=chord,
            chord_before=before,
            coming=tuple(chart.chord_at(beat + ahead) for ahead in range(1, LOOKAHEAD + 1)),
            key=keys[beat % len(keys)],
            energy=ENERGIES[variation],
            crowd=_crowd(),
            harmony=True,
        )
        notes = leader.play(plan, style.meter, parameters)
        _judge(style, plan, notes, tally, keys[(beat + 1) % len(keys)])
        for struck, played in _voicings(style, plan, notes):
            if hand and not is_same_harmony(played, hand_chord):
                tally.moves.append(moved(hand, struck))
            hand, hand_chord = struck, played
        start = style.meter.start_of_bar(beat // per_bar)
        bar_notes += [(note.start - start, note.part, note.pitch) for note in notes]
        if (beat + 1) % per_bar == 0:
            seen.add(tuple(sorted(bar_notes)))
            bar_notes = []
    tally.distinct.append(len(seen))


def _mark(style: Style, plan: BeatPlan, note: BandNote) -> str:
    """What the note's row holds where it begins."""
    bar, beat = divmod(plan.number, style.meter.beats_per_bar)
    groove = style.grooves[next(name for name, energy in ENERGIES.items() if energy == plan.energy)]
    row = {"bass": groove.bass, "keys": groove.keys, "pad": groove.pad}[note.part]
    ticks = note.start - style.meter.start_of_beat(plan.number)
    step = beat * style.steps_per_beat + ticks * style.steps_per_beat // style.meter.beat_ticks
    return step_at(row, bar, step, style.steps_per_bar)


def _voicings(style: Style, plan: BeatPlan, notes: Sequence[BandNote]) -> list[tuple[tuple[int, ...], Chord | None]]:
    """The chords that the keys strike on a beat, in order, each with the chord it is of."""
    struck: dict[int, list[BandNote]] = defaultdict(list)
    for note in notes:
        if note.part == "keys":
            struck[note.start].append(note)
    return [
        (tuple(sorted(n.pitch for n in group)), plan.coming[0] if _mark(style, plan, group[0]) == PUSH else plan.chord)
        for _, group in sorted(struck.items())
    ]


def _crowd() -> Crowd:
    register = Register()
    for _ in range(4):
        register.strike(PLAYER_PITCH)
    return register.crowd


def _judge(style: Style, plan: BeatPlan, notes: Sequence[BandNote], tally: Tally, next_key: Key) -> None:
    counts, chord, after = tally.counts, plan.chord, plan.coming[0]
    if chord is None or plan.key is None:
        return
    pitched = [note for note in notes if note.part != "drums"]
    bass = [note for note in pitched if note.part == "bass"]
    changes = not is_same_harmony(chord, plan.chord_before)
    counts["changes"] += changes
    counts["on_root"] += changes and bool(bass) and bass[0].pitch % 12 == chord.bass
    for note in pitched:
        mark = _mark(style, plan, note)
        low, high = (LOWEST, HIGHEST)
        if note.part != "bass":
            hand = style.hands[note.part]
            low, high = hand.low, hand.high
        counts["out_of_range"] += not low <= note.pitch <= high
        if note.part == "keys":
            counts["keys"] += 1
            counts["collisions"] += abs(note.pitch - PLAYER_PITCH) < COLLISION
        pushed = mark == PUSH and after is not None
        if not note.passing and (note.part != "bass" or mark not in "aw"):
            counts["judged"] += 1
            fits = fitting(after, next_key) if pushed and after is not None else fitting(chord, plan.key)
            counts["foreign"] += note.pitch % 12 not in fits
    upper = [note.pitch for note in pitched if note.part != "bass"]
    counts["crossings"] += sum(note.pitch >= min(upper) for note in bass) if upper else 0


def table_lines(figures: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """A line a style."""
    names = list(next(iter(figures.values()), {}))
    lines = [f"{'style':<22}" + "".join(f"{name:>14}" for name in names)]
    return lines + [f"{style:<22}" + "".join(f"{row[name]:>14g}" for name in names) for style, row in figures.items()]
