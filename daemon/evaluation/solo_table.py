"""What the soloist plays over charts, by numbers: what its strong notes are, where its line goes, and what comes back.

In each style each chart is soloed on for `BARS` bars, two bars a phrase, the plan known. Strong beats are the first and
every second one after it. A note outside the chord's scale is an approach if the next, at once, is a semitone away and
inside; in a phrase on the blues scale the tonic's blue notes are counted apart, as `blue`.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from daemon.evaluation.style_play import keys_of
from realtime.core.chance import Chance
from realtime.core.chart import BadChart, Chart, parse_chart
from realtime.core.chord_tokens import token_of
from realtime.core.phrase_model.improviser import Improviser
from realtime.core.phrase_model.score import STEP_TICKS, listening, phrase_of, wanted
from realtime.core.phrase_words import duration_steps, onset_steps
from realtime.core.register import NOBODY
from realtime.core.solo.chord_scale import ChordScale, chord_scale
from realtime.core.solo.line import LEAP
from realtime.core.solo.motif import Motif, kinship
from realtime.core.solo.phrase import Phrase, SoloNote, chord_at
from realtime.core.solo.soloist import Scene, Soloist
from realtime.core.style import Style
from realtime.core.units import TICKS_PER_QUARTER, Micros

BARS: Final = 32
ENERGIES: Final = (0.3, 0.7)
PHRASE_BARS: Final = 2
COMPARED_BARS: Final = 4
"""No two stretches of this length should be the same."""


@dataclass(slots=True)
class Tally:
    """What was counted; see `figures`."""

    counts: Counter[str] = field(default_factory=Counter)
    kin: list[float] = field(default_factory=list)
    strangers: list[float] = field(default_factory=list)
    lengths: list[float] = field(default_factory=list)
    pitches: list[int] = field(default_factory=list)
    repeated: int = 0

    def figures(self) -> dict[str, float]:
        """`strong`, `guides`: of the strong notes those in the chord, its guides; `outside`, `approaches`, `blue`: of
        all notes; `leaps` of all moves, and of those the `answered`; `kinship` with the phrase's own motif, and with
        another's (`by_chance`); how many `beats` a phrase sounds, and its `density` in notes a beat."""
        count = self.counts
        return {
            "strong": _share(count["strong_tones"], count["strong"]),
            "guides": _share(count["strong_guides"], count["strong"]),
            "outside": _share(count["outside"], count["notes"]),
            "approaches": _share(count["approaches"], count["notes"]),
            "blue": _share(count["blue"], count["notes"]),
            "leaps": _share(count["leaps"], count["moves"]),
            "answered": _share(count["answered"], count["leaps"]),
            "kinship": round(_mean(self.kin), 2),
            "by_chance": round(_mean(self.strangers), 2),
            "beats": round(_mean(self.lengths), 1),
            "density": round(count["notes"] / max(1, count["beats"]), 2),
            "lowest": min(self.pitches, default=0),
            "highest": max(self.pitches, default=0),
            "repeated": self.repeated,
        }


def measure_solos(
    style: Style, charts: Mapping[str, str], bars: int = BARS, improviser: Improviser | None = None
) -> Tally:
    """Solos over every chart that fits the style's bars, and counts; by rules, or by the phrase model."""
    tally = Tally()
    for text in charts.values():
        try:
            chart = parse_chart(text, style.meter.beats_per_bar)
        except BadChart:
            continue  # four chords do not fit into a bar of three
        for energy in ENERGIES:
            _count(_solo(style, chart, energy, bars, improviser), style, tally)
    return tally


def _solo(style: Style, chart: Chart, energy: float, bars: int, improviser: Improviser | None) -> list[Phrase]:
    """Phrase upon phrase, as in a long turn."""
    soloist, keys = Soloist(), keys_of(chart)
    phrases: list[Phrase] = []
    length = PHRASE_BARS * style.meter.beats_per_bar
    for beat in range(0, bars * style.meter.beats_per_bar, length):
        scene = Scene(
            style=style,
            meter=style.meter,
            key=keys[beat % len(keys)],
            energy=energy,
            density=0.5,
            swing=style.swing,
            crowd=NOBODY,
            chance=Chance(len(chart.beats)),
        )
        soloist.begin(beat, [chart.chord_at(place) for place in range(beat, beat + length)], scene, None)
        if soloist.phrase is not None and improviser is not None:
            soloist.take_over(_improvised(soloist.phrase, phrases, scene, improviser))
        if soloist.phrase is not None:
            phrases.append(soloist.phrase)
    return phrases


def _improvised(asked: Phrase, said: list[Phrase], scene: Scene, improviser: Improviser) -> Phrase:
    """The model's phrase in the place of `asked`, after those that were said."""
    meter = scene.meter
    line: list[tuple[int, int, int]] = []
    chords: list[tuple[int, int]] = []
    for phrase in said[-2:]:
        start = phrase.request.first_beat * meter.beat_ticks
        line += [
            (
                onset_steps((start + note.start) / TICKS_PER_QUARTER),
                duration_steps((note.end - note.start) / TICKS_PER_QUARTER),
                note.pitch,
            )
            for note in phrase.notes
        ]
        beats = enumerate(phrase.request.chords, start=phrase.request.first_beat)
        chords += [(number * meter.beat_ticks // STEP_TICKS, token_of(chord)) for number, chord in beats]
    heard = listening(line, chords, meter, scene.key, scene.style.genre)
    request = wanted(asked.request, heard, meter.beat_ticks, number=1, is_answer=asked.request.prompt, due=Micros(0))
    return phrase_of(improviser.answer(request), asked)


def _count(phrases: list[Phrase], style: Style, tally: Tally) -> None:
    beat_ticks = style.meter.beat_ticks
    motifs: list[Motif] = []
    for phrase in phrases:
        _judge(phrase, tally)
        tally.kin.append(kinship(phrase.motif, phrase.notes, beat_ticks))
        other = next((motif for motif in reversed(motifs) if motif != phrase.motif), None)
        if other is not None:
            tally.strangers.append(kinship(other, phrase.notes, beat_ticks))
        motifs.append(phrase.motif)
        if phrase.notes:
            tally.lengths.append((phrase.notes[-1].end - phrase.notes[0].start) / beat_ticks)
        tally.counts["beats"] += phrase.request.beats
    stretch = COMPARED_BARS // PHRASE_BARS
    said = [
        tuple((note.start, note.pitch) for phrase in phrases[first : first + stretch] for note in phrase.notes)
        for first in range(0, len(phrases), stretch)
    ]
    tally.repeated += len(said) - len(set(said))


def _judge(phrase: Phrase, tally: Tally) -> None:
    request, count = phrase.request, tally.counts
    beat_ticks = request.grid.beat_ticks
    scales: list[ChordScale] = []
    for note in phrase.notes:
        chord = chord_at(request, note.start, note.end)
        if chord is None:
            return
        scales.append(chord_scale(chord, request.key))
    followers = [*phrase.notes[1:], None]
    for note, scale, after, onward in zip(phrase.notes, scales, followers, [*scales[1:], None], strict=True):
        tally.pitches.append(note.pitch)
        count["notes"] += 1
        beat, into = divmod(note.start, beat_ticks)
        if into == 0 and (request.first_beat + beat) % request.beats_per_bar % 2 == 0:
            count["strong"] += 1
            count["strong_tones"] += note.pitch % 12 in scale.tones
            count["strong_guides"] += note.pitch % 12 in scale.guides
        if not scale.has(note.pitch):
            blue = bool(phrase.idiom.blue) and note.pitch % 12 in scale.blue
            leads = after is not None and onward is not None and _leads(note, after, onward, beat_ticks)
            count["blue" if blue else "approaches" if leads else "outside"] += 1
    _judge_leaps(phrase, count)


def _judge_leaps(phrase: Phrase, count: Counter[str]) -> None:
    """A leap is answered by a smaller step the other way, or by a breath."""
    gap = phrase.request.grid.beat_ticks / 2
    joined = [(one, two) for one, two in pairwise(phrase.notes) if two.start - one.end <= gap]
    onward = {one.start: two for one, two in joined}
    for one, two in joined:
        step = two.pitch - one.pitch
        count["moves"] += 1
        if abs(step) >= LEAP:
            count["leaps"] += 1
            after = onward.get(two.start)
            back = 0 if after is None else after.pitch - two.pitch
            count["answered"] += after is None or (back * step < 0 and abs(back) < LEAP)


def _leads(note: SoloNote, after: SoloNote, onward: ChordScale, beat_ticks: int) -> bool:
    return after.start - note.end < beat_ticks / 2 and abs(after.pitch - note.pitch) == 1 and onward.has(after.pitch)


def _share(part: int, whole: int) -> float:
    return round(part / max(1, whole), 4)


def _mean(values: list[float]) -> float:
    return sum(values) / max(1, len(values))
