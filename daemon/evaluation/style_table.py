"""What a style's band plays over charts, by numbers: how voices move, what is out of place, and how often it repeats.

Each chart is played for `BARS` bars in each variation, the plan known, as the bandleader plays it. Keys: the key of
each beat is the one whose scale holds most of the chords around it. A note may be of its chord, of its bass or of the
key's scale (less what the chord alters); what approaches or walks is not counted, nor what the band adds on the way to
the next chord, and a push is judged by the chord it pushes to. The leading tone is a dominant's third, or the key's
seventh degree in a chord on its fifth or seventh; it is doubled where one hand strikes it twice, or strikes it above a
bass that has it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from daemon.evaluation.style_play import PLAYER_PITCH, PlayedBeat, play_chart
from realtime.core.band.bassist import HIGHEST, LOWEST
from realtime.core.band.note import BandNote
from realtime.core.band.voicing import leading_tone
from realtime.core.chart import BadChart, Chart, parse_chart
from realtime.core.chord import Chord, is_same_harmony
from realtime.core.key_finder import Key
from realtime.core.style import EXACT_STEPS, PUSH, VARIATIONS, Style, step_at

BARS: Final = 32
COLLISION: Final = 2
"""A note of the keys nearer than this many semitones to the player's is in the way."""

FREE_BASS: Final = frozenset("aw") | {*EXACT_STEPS}
"""Marks of notes that lead somewhere, and need not be of the chord."""


@dataclass(slots=True)
class Tally:
    """What was counted; see `figures`."""

    moves: list[float] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    distinct: list[int] = field(default_factory=list)
    rhythms: list[int] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Counts what was counted elsewhere, too."""
        self.moves += other.moves
        self.counts.update(other.counts)
        self.distinct += other.distinct
        self.rhythms += other.rhythms

    def figures(self) -> dict[str, float]:
        """`motion` in semitones a voice a change, shares 0..1, counts, and distinct bars and rhythms of `BARS`."""
        notes = self.counts
        return {
            "motion": round(sum(self.moves) / max(1, len(self.moves)), 2),
            "foreign": round(notes["foreign"] / max(1, notes["judged"]), 4),
            "root": round(notes["on_root"] / max(1, notes["changes"]), 4),
            "doubled": round(notes["doubled"] / max(1, notes["leading"]), 4),
            "crossings": notes["crossings"],
            "out_of_range": notes["out_of_range"],
            "collisions": round(notes["collisions"] / max(1, notes["keys"]), 4),
            "distinct_bars": round(sum(self.distinct) / max(1, len(self.distinct)), 1),
            "rhythms": round(sum(self.rhythms) / max(1, len(self.rhythms)), 1),
        }


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
            play(style, chart, variation, tally, bars)
    return tally


def measure_tunes(style: Style, charts: Iterable[Chart]) -> Tally:
    """Plays the charts in the style's meter once through, each in the next variation, and counts."""
    tally = Tally()
    fitting_ones = [chart for chart in charts if chart.beats_per_bar == style.meter.beats_per_bar]
    for number, chart in enumerate(fitting_ones):
        play(style, chart, VARIATIONS[number % len(VARIATIONS)], tally, chart.bars)
    return tally


def play(style: Style, chart: Chart, variation: str, tally: Tally, bars: int) -> None:
    """Plays some bars of one chart, and counts; bars are compared where there are `BARS` or more."""
    per_bar = style.meter.beats_per_bar
    seen: set[tuple[tuple[int, str, int], ...]] = set()
    rhythms: set[tuple[tuple[int, str, int], ...]] = set()
    bar_notes: list[tuple[int, str, int]] = []
    hand: tuple[int, ...] = ()
    hand_chord: Chord | None = None
    for played in play_chart(style, chart, bars, lambda _: variation, (PLAYER_PITCH,)):
        beat = played.plan.number
        _judge(style, played, tally)
        for struck, chord in _voicings(style, played):
            if hand and not is_same_harmony(chord, hand_chord):
                tally.moves.append(moved(hand, struck))
            hand, hand_chord = struck, chord
        start = style.meter.start_of_bar(beat // per_bar)
        bar_notes += [(note.start - start, note.part, note.pitch) for note in played.notes]
        if (beat + 1) % per_bar == 0 and beat < BARS * per_bar:
            seen.add(tuple(sorted(bar_notes)))
            rhythms.add(tuple(sorted({(at, part, pitch * (part == "drums")) for at, part, pitch in bar_notes})))
            bar_notes = []
    if bars >= BARS or not tally.distinct:
        tally.distinct.append(len(seen))
        tally.rhythms.append(len(rhythms))


def _mark(style: Style, played: PlayedBeat, note: BandNote) -> str:
    """What the note's row holds where it begins."""
    bar, beat = divmod(played.plan.number, style.meter.beats_per_bar)
    groove = style.grooves[played.variation]
    row = {"bass": groove.bass, "keys": groove.keys, "pad": groove.pad}[note.part]
    ticks = note.start - style.meter.start_of_beat(played.plan.number)
    step = beat * style.steps_per_beat + ticks * style.steps_per_beat // style.meter.beat_ticks
    return step_at(row, bar, step, style.steps_per_bar)


def _voicings(style: Style, played: PlayedBeat, part: str = "keys") -> list[tuple[tuple[int, ...], Chord | None]]:
    """The chords that a part strikes on a beat, in order, each with the chord it is of."""
    struck: dict[int, list[BandNote]] = defaultdict(list)
    for note in played.notes:
        if note.part == part:
            struck[note.start].append(note)

    def chord_of(note: BandNote) -> Chord | None:
        """What a note is of: the band's own additions are of no chord that is known here."""
        pushed = _mark(style, played, note) == PUSH
        return None if note.passing else played.plan.coming[0] if pushed else played.plan.chord

    return [(tuple(sorted(note.pitch for note in group)), chord_of(group[0])) for _, group in sorted(struck.items())]


def _judge(style: Style, played: PlayedBeat, tally: Tally) -> None:
    plan, counts = played.plan, tally.counts
    chord, after = plan.chord, plan.coming[0]
    if chord is None or plan.key is None:
        return
    pitched = [note for note in played.notes if note.part != "drums"]
    bass = [note for note in pitched if note.part == "bass"]
    changes = not is_same_harmony(chord, plan.chord_before)
    counts["changes"] += changes
    counts["on_root"] += changes and bool(bass) and bass[0].pitch % 12 == chord.bass
    for note in pitched:
        mark = _mark(style, played, note)
        low, high = (LOWEST, HIGHEST)
        if note.part != "bass":
            hand = style.hands[note.part]
            low, high = hand.low, hand.high
        counts["out_of_range"] += not low <= note.pitch <= high
        if note.part == "keys":
            counts["keys"] += 1
            counts["collisions"] += abs(note.pitch - PLAYER_PITCH) < COLLISION
        pushed = mark == PUSH and after is not None
        if not note.passing and (note.part != "bass" or mark not in FREE_BASS):
            counts["judged"] += 1
            fits = fitting(after, played.next_key) if pushed and after is not None else fitting(chord, plan.key)
            counts["foreign"] += note.pitch % 12 not in fits
    upper = [note.pitch for note in pitched if note.part != "bass"]
    counts["crossings"] += sum(note.pitch >= min(upper) for note in bass) if upper else 0
    _judge_leading_tone(style, played, plan.key, counts)


def _judge_leading_tone(style: Style, played: PlayedBeat, key: Key, counts: Counter[str]) -> None:
    for part in ("keys", "pad"):
        for struck, chord in _voicings(style, played, part):
            leading = leading_tone(chord, key) if chord is not None else None
            if chord is not None and leading is not None:
                voices = sum(pitch % 12 == leading for pitch in struck)
                counts["leading"] += 1
                counts["doubled"] += voices + (chord.bass == leading) > 1


def table_lines(figures: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """A line a style."""
    names = list(next(iter(figures.values()), {}))
    lines = [f"{'style':<22}" + "".join(f"{name:>14}" for name in names)]
    return lines + [f"{style:<22}" + "".join(f"{row[name]:>14g}" for name in names) for style, row in figures.items()]
