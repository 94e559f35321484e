"""The bandleader: turns a beat of the plan into what every player does on it, and remembers where their hands are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from realtime.core.band.additions import Way, add, rubs
from realtime.core.band.bassist import HOME, play_bass
from realtime.core.band.cue import Cues, fills, groove_for
from realtime.core.band.drummer import play_drums
from realtime.core.band.hedge import Hedge
from realtime.core.band.keyboardist import play_chords
from realtime.core.band.note import BandNote, Moment
from realtime.core.band.phrasing import BarNews, Phrasing
from realtime.core.band.voicing import Voicing
from realtime.core.chance import Chance
from realtime.core.chord import Chord, is_same_harmony
from realtime.core.events import Part, Value
from realtime.core.key_finder import Key
from realtime.core.meter import Meter
from realtime.core.register import Crowd
from realtime.core.returns import Landmarks
from realtime.core.style import VARIATIONS, Style

HARMONY_PARTS: Final[tuple[Part, ...]] = ("bass", "keys", "pad")
DRUM_PARTS: Final[tuple[Part, ...]] = ("drums",)
HANDS_KEPT: Final = 16
"""Beats; further back nothing is written again."""


class BeatPlan(NamedTuple):
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
    landmarks: Landmarks = Landmarks()
    """What is sure of the form around its bar."""
    held: frozenset[int] = frozenset()
    """The pitch classes that the player holds as it is decided."""
    certain: int = 64
    """How many of the beats to come are as good as certain."""
    hedge: Hedge | None = None
    """What is played instead of the chord, while it may be another."""


Hands = tuple[dict[Part, Voicing], tuple[int, ...], bool, Chord | None]
"""Voicings, the line of the bass, whether they are on a hedge, and the chord they were put on."""


@dataclass(slots=True)
class BandLeader:
    """Owns the players' state between beats."""

    style: Style
    chance: Chance
    cues: Cues = field(default_factory=Cues)
    """What the player asked to be played instead of the groove."""
    phrasing: Phrasing = field(init=False)
    _voicings: dict[Part, Voicing] = field(default_factory=dict)
    _bass_line: tuple[int, ...] = (HOME,)
    _added: dict[int, Chord] = field(default_factory=dict)
    """The chords that the band has added of its own, by beat."""
    _hedged: bool = False
    """Whether the hands are on a hedge."""
    _before: dict[int, Hands] = field(default_factory=dict)
    """Where the hands were before each of the last beats: one that is played otherwise begins from there."""
    _hands_on: Chord | None = None
    """The chord that the hands were last put on: what was written, though it may be taken back."""

    def __post_init__(self) -> None:
        """Readies the phrasing."""
        self.phrasing = Phrasing(self.chance)

    @property
    def variation(self) -> str:
        """The variation that is played."""
        return self.phrasing.variation

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
        """Bass, keys and pad of one beat; their hands move."""
        bass = play_bass(moment, self._bass_line)
        if bass:
            self._bass_line = (*self._bass_line, *(note.pitch for note in bass))[-2:]
        notes = bass
        rows: dict[Part, str] = {"keys": moment.groove.keys, "pad": moment.groove.pad}
        for part, row in rows.items():
            played, self._voicings[part] = play_chords(moment, part, row, self._voicings.get(part, ()))
            notes += played
        self._hedged, self._hands_on = moment.hedge is not None, moment.chord or self._hands_on
        if moment.beat_in_bar == 0 and not self._hedged:
            self.phrasing.keep(moment.bar, self._voicings)
        return notes

    def _hands_before(self, number: int) -> None:
        if number in self._before:
            voicings, self._bass_line, self._hedged, self._hands_on = self._before[number]
            self._voicings = dict(voicings)
        self._before = {beat: hands for beat, hands in self._before.items() if number - HANDS_KEPT < beat < number}
        self._before[number] = dict(self._voicings), self._bass_line, self._hedged, self._hands_on

    def is_new_harmony(self, plan: BeatPlan) -> bool:
        """Whether what sounds before a beat that was written ends on it."""
        added = plan.number in self._added or plan.number - 1 in self._added
        return added or not plan.harmony or not is_same_harmony(plan.chord, plan.chord_before)

    def must_drop(self, number: int, held: frozenset[int]) -> bool:
        """Whether a chord was added on beat `number` that rubs against what the player holds."""
        added = self._added.get(number)
        return added is not None and rubs(added, held)

    def _addition(self, plan: BeatPlan, meter: Meter, parameters: Mapping[str, Value]) -> Chord | None:
        """The chord of the band's own on a beat, if there is to be one."""
        bar = plan.number // meter.beats_per_bar
        if plan.chord is None or not plan.sure or plan.hedge is not None or self.cues.on(bar) is not None:
            return None
        section = plan.landmarks.next_bar
        way = Way(
            number=plan.number,
            chord=plan.chord,
            stays=is_same_harmony(plan.chord, plan.chord_before),
            coming=plan.coming[: plan.certain],
            key=plan.key,
            held=plan.held,
            section_in=section * meter.beats_per_bar - plan.number if section == bar + 1 else 0,
        )
        complexity, creativity = int(parameters["complexity"]), float(parameters["creativity"])
        return add(way, self.style.options, complexity, creativity, self.chance)

    def _with_addition(self, plan: BeatPlan, meter: Meter, parameters: Mapping[str, Value]) -> BeatPlan:
        """The plan as the band plays it: with the chord it adds, after the one it added."""
        added = self._addition(plan, meter, parameters)
        self._added = {
            number: chord for number, chord in self._added.items() if plan.number - 8 < number != plan.number
        }
        if plan.number - 1 in self._added:
            plan = plan._replace(chord_before=self._added[plan.number - 1])
        if added is None:
            return plan
        self._added[plan.number] = added
        return plan._replace(chord=added)

    def _are_hands_on(self, chord: Chord | None) -> bool:
        return self._hands_on is None or is_same_harmony(self._hands_on, chord)

    def is_led_elsewhere(self, wanted: str, bar: int) -> bool:
        """Whether `wanted` is another variation than that of `bar`, and nothing written is played there instead."""
        return wanted in VARIATIONS and wanted != self.variation and self.cues.on(bar) is None

    def forget_hands(self) -> None:
        """After a stop, hands start from home again."""
        self._voicings.clear()
        self._before.clear()
        self._bass_line = (HOME,)
        self._hedged, self._hands_on = False, None
        self._added.clear()
        self.phrasing.clear()
        self.cues.clear()

    def _moment(self, plan: BeatPlan, meter: Meter, parameters: Mapping[str, Value]) -> Moment:
        bar, beat = divmod(plan.number, meter.beats_per_bar)
        plan = self._with_addition(plan, meter, parameters)
        news = BarNews(bar, plan.landmarks, plan.energy, str(parameters["variation"]), harmony=plan.harmony)
        if beat == 0 and (kept := self.phrasing.begin(news)) is not None:
            self._voicings |= kept.voicings
        self._hands_before(plan.number)
        cue, fill = self.cues.on(bar), None
        if cue is None or fills(cue, bar):
            asked = plan.fill_now or cue is not None
            fill = self.phrasing.fill(news, beat, meter.beats_per_bar, self.style, asked=asked)
        written = cue is not None and cue.passage is not None
        return Moment(
            style=self.style,
            groove=groove_for(cue, bar, self.style, self.variation) if cue else self.style.grooves[self.variation],
            fill=fill,
            section_start=cue is None and (self.phrasing.begins_section(bar) or self.cues.leads_into(bar)),
            tacet=cue is not None and (written or (cue.name != "intro" and fill is None)),
            is_added=plan.number in self._added,
            rows_from=cue.first_bar if cue is not None and written else 0,
            bars_left=cue.end_bar - bar if cue is not None and written else 1,
            bar=bar,
            beat_in_bar=beat,
            start=meter.start_of_beat(plan.number),
            beat_ticks=meter.beat_ticks,
            chord=plan.chord,
            chord_before=plan.chord_before,
            sure=plan.sure,
            hedge=plan.hedge,
            coming=plan.coming,
            resolves=plan.hedge is None and (self._hedged or not self._are_hands_on(plan.chord)),
            key=plan.key,
            energy=plan.energy,
            density={part: float(parameters[f"part/{part}/density"]) for part in ("drums", "bass", "keys", "pad")},
            swing=max(self.style.swing, float(parameters["swing"])),
            crowd=plan.crowd,
            chance=self.chance,
        )
