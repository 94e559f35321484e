"""The bandleader: turns a beat of the plan into what every player does on it, and remembers where their hands are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from realtime.core.band.bassist import HOME, play_bass
from realtime.core.band.cue import Cues, fills, groove_for
from realtime.core.band.drummer import play_drums
from realtime.core.band.hedge import Hedge
from realtime.core.band.keyboardist import play_chords
from realtime.core.band.note import BandNote, Moment
from realtime.core.band.voicing import Voicing
from realtime.core.by_bar import ByBar
from realtime.core.chance import Chance
from realtime.core.chord import Chord
from realtime.core.events import Part, Value
from realtime.core.key_finder import Key
from realtime.core.meter import Meter
from realtime.core.register import Crowd
from realtime.core.style import VARIATIONS, Style

HARMONY_PARTS: Final[tuple[Part, ...]] = ("bass", "keys", "pad")
DRUM_PARTS: Final[tuple[Part, ...]] = ("drums",)
HANDS_KEPT: Final = 16
"""Beats; further back nothing is written again."""

_VARIATION_STEPS: Final = (0.30, 0.55, 0.80)
_VARIATION_HYSTERESIS: Final = 0.05


@dataclass(frozen=True, slots=True)
class BeatPlan:
    """What the band knows of one beat when it decides what to play on it."""

    number: int
    chord: Chord | None
    chord_before: Chord | None
    coming: tuple[Chord | None, ...]
    """What is planned for the beats after this one, the next one first."""
    key: Key | None
    energy: float
    crowd: Crowd
    harmony: bool
    """Whether bass, keys and pad play; before the band knows the song, only the drums do."""
    sure: bool = True
    """Whether a new chord is likely enough to be played on the beat, or is waited for."""
    fill_now: bool = False
    hedge: Hedge | None = None
    """What is played instead of the chord, while it may be another."""


@dataclass(slots=True)
class BandLeader:
    """Owns the players' state between beats."""

    style: Style
    """The style that was asked for last; until the next bar line another may be played."""
    chance: Chance
    variations: ByBar[str] = field(default_factory=lambda: ByBar("B"))
    styles: ByBar[Style] = field(init=False)
    cues: Cues = field(default_factory=Cues)
    """What the player asked to be played instead of the groove."""
    _voicings: dict[Part, Voicing] = field(default_factory=dict)
    _bass_line: tuple[int, ...] = (HOME,)
    _filled_bar: int = -2
    _hedged: bool = False
    """Whether the hands are on a hedge."""
    _before: dict[int, tuple[dict[Part, Voicing], tuple[int, ...], bool]] = field(default_factory=dict)
    """Where the hands were before each of the last beats: one that is played otherwise begins from there."""
    _first_bar: int | None = None
    """The bar in which the whole band came in: phrases are counted from it."""

    def __post_init__(self) -> None:
        """Begins with the style given."""
        self.styles = ByBar(self.style)

    def change_style(self, style: Style, bar: int) -> None:
        """`style` is played from `bar` on."""
        self.style = style
        self.styles.turn(bar, style)

    def vary(self, variation: str, bar: int) -> None:
        """`variation` is played from `bar` on; "auto": it is chosen then, by the energy."""
        if variation in VARIATIONS:
            self.variations.turn(bar, variation)
        else:
            self.variations.forget(bar)

    def play(self, plan: BeatPlan, meter: Meter, parameters: Mapping[str, Value]) -> list[BandNote]:
        """Every note the band plays on one beat."""
        moment = self._moment(plan, meter, parameters)
        notes = play_drums(moment)
        if plan.harmony:
            notes += self.play_harmony(moment)
        return notes

    def replay_harmony(self, plan: BeatPlan, meter: Meter, parameters: Mapping[str, Value]) -> list[BandNote]:
        """What bass, keys and pad play on a beat whose chord turned out to be another."""
        return self.play_harmony(self._moment(plan, meter, parameters))

    def replay_drums(self, plan: BeatPlan, meter: Meter, parameters: Mapping[str, Value]) -> list[BandNote]:
        """What the drums play on a beat that is now to be played otherwise."""
        return play_drums(self._moment(plan, meter, parameters))

    def play_harmony(self, moment: Moment) -> list[BandNote]:
        """Bass, keys and pad of one beat; their hands move, from where they were before it."""
        self._hands_before(moment.bar * moment.style.meter.beats_per_bar + moment.beat_in_bar)
        bass = play_bass(moment, self._bass_line)
        if bass:
            self._bass_line = (*self._bass_line, *(note.pitch for note in bass))[-2:]
        notes = bass
        rows: dict[Part, str] = {"keys": moment.groove.keys, "pad": moment.groove.pad}
        for part, row in rows.items():
            played, self._voicings[part] = play_chords(moment, part, row, self._voicings.get(part, ()))
            notes += played
        self._hedged = moment.hedge is not None
        return notes

    def _hands_before(self, number: int) -> None:
        if number in self._before:
            voicings, self._bass_line, self._hedged = self._before[number]
            self._voicings = dict(voicings)
        self._before = {beat: hands for beat, hands in self._before.items() if number - HANDS_KEPT < beat < number}
        self._before[number] = dict(self._voicings), self._bass_line, self._hedged

    def forget_hands(self) -> None:
        """After a stop, hands start from home again."""
        self._voicings.clear()
        self._before.clear()
        self._bass_line = (HOME,)
        self._hedged = False
        self._filled_bar = -2
        self._first_bar = None
        self.variations.begin()
        self.styles.begin()
        self.cues.clear()

    def _moment(self, plan: BeatPlan, meter: Meter, parameters: Mapping[str, Value]) -> Moment:
        bar, beat = divmod(plan.number, meter.beats_per_bar)
        if beat == 0:
            self._choose_variation(bar, plan.energy, str(parameters["variation"]))
        style, variation = self.styles.on(bar), self.variations.on(bar)
        cue = self.cues.on(bar)
        fill_now = plan.fill_now if cue is None else fills(cue, bar)
        fill = None if cue and not fill_now else self._choose_fill(bar, fill_now=fill_now, harmony=plan.harmony)
        return Moment(
            style=style,
            groove=groove_for(cue, bar, style, variation) if cue else style.grooves[variation],
            fill=fill,
            section_start=self._filled_bar == bar - 1 and cue is None,
            tacet=cue is not None and cue.name in ("break", "ending") and fill is None,
            bar=bar,
            beat_in_bar=beat,
            start=meter.start_of_beat(plan.number),
            beat_ticks=meter.beat_ticks,
            chord=plan.chord,
            chord_before=plan.chord_before,
            sure=plan.sure,
            hedge=plan.hedge,
            coming=plan.coming,
            resolves=self._hedged and plan.hedge is None,
            key=plan.key,
            energy=plan.energy,
            density={part: float(parameters[f"part/{part}/density"]) for part in ("drums", "bass", "keys", "pad")},
            swing=max(style.swing, float(parameters["swing"])),
            crowd=plan.crowd,
            chance=self.chance,
        )

    def _choose_variation(self, bar: int, energy: float, wanted: str) -> None:
        """A to D with rising energy, unless one is asked for; near a border the present one stays."""
        if self.variations.is_decided(bar):
            return
        if wanted in VARIATIONS:
            self.variations.turn(bar, wanted)
            return
        present = VARIATIONS.index(self.variations.on(bar))
        bounds = [
            step + (_VARIATION_HYSTERESIS if index >= present else -_VARIATION_HYSTERESIS)
            for index, step in enumerate(_VARIATION_STEPS)
        ]
        self.variations.turn(bar, VARIATIONS[sum(energy > bound for bound in bounds)])

    def _choose_fill(self, bar: int, *, fill_now: bool, harmony: bool) -> int | None:
        """Which fill is played in `bar`: every eighth bar, or when asked for, or already begun."""
        if harmony and self._first_bar is None:
            self._first_bar = bar
        phrase_bar = None if self._first_bar is None else bar - self._first_bar
        planned = phrase_bar is not None and (phrase_bar + 1) % self.styles.on(bar).fill_every_bars == 0
        if not (planned or fill_now or self._filled_bar == bar):
            return None
        self._filled_bar = bar
        return int(self.chance.uniform(bar, "fill") * len(self.styles.on(bar).fills))
