"""The prompter: tells the phrase model what is played, asks it for phrases, and takes those that come in time.

The heart never waits: the rules have written a phrase already when it asks. What comes too late is counted and dropped.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from realtime.core.band.note import BandNote
from realtime.core.chord import Chord
from realtime.core.chord_tokens import token_of
from realtime.core.events import Output, Value
from realtime.core.meter import Meter
from realtime.core.phrase_events import PhraseGiven, PhraseWanted
from realtime.core.phrase_model.prompt import WINDOW_BARS, first_bar
from realtime.core.phrase_model.score import STEP_TICKS, listening, phrase_of, wanted
from realtime.core.phrase_words import STEPS, bar_quarters, duration_steps, steps_of_beats
from realtime.core.scheduler import RELEASE_AHEAD
from realtime.core.solo.call_ear import HeardNote
from realtime.core.solo.phrase import Phrase
from realtime.core.solo.soloist import Scene
from realtime.core.timeline import Timeline
from realtime.core.units import TICKS_PER_QUARTER, Micros, Ticks

MODEL: Final = "solo/model"
MOST_BEATS: Final = 160
MOST_PLAYED: Final = 256


class Prompter:
    """Remembers the chords and the soloist's own notes of the last bars, and what was asked."""

    def __init__(self, parameters: Mapping[str, Value], tell: Callable[[Micros, Output], None]) -> None:
        """`parameters` is read live; `tell` says to everybody what is wanted."""
        self._parameters, self._tell = parameters, tell
        self._chords: deque[tuple[int, int]] = deque(maxlen=MOST_BEATS)
        self._played: deque[BandNote] = deque(maxlen=MOST_PLAYED)
        self._asked: tuple[PhraseWanted, Phrase] | None = None
        self.counters = dict.fromkeys(("phrases_asked", "phrases_in_time", "phrases_late"), 0)

    @property
    def is_on(self) -> bool:
        """Whether the model is asked at all."""
        return bool(self._parameters[MODEL])

    def begin(self) -> None:
        """From the top: steps count from 0 again."""
        self._chords.clear()
        self._played.clear()
        self._give_up()

    def keep_chord(self, number: int, chord: Chord | None, meter: Meter) -> None:
        """The chord that a beat begins on."""
        self._chords.append((number * meter.beat_ticks // STEP_TICKS, token_of(chord)))

    def keep_note(self, note: BandNote) -> None:
        """What the soloist is going to play."""
        self._played.append(note)

    def take_back(self, since: Ticks) -> None:
        """The soloist does not play what would have begun from `since` on."""
        self._played = deque((note for note in self._played if note.start < since), maxlen=MOST_PLAYED)

    def listen(self, melody: Iterable[HeardNote], scene: Scene, at: Micros) -> None:
        """The model hears along; nobody waits for it."""
        if self.is_on and self._chords:
            self._tell(at, self._heard(melody, scene))

    def ask(
        self, phrase: Phrase | None, melody: Iterable[HeardNote], scene: Scene, at: Micros, timeline: Timeline
    ) -> None:
        """Asks for another phrase in the place of this one."""
        if phrase is None or not self.is_on:
            return
        self._give_up()
        self.counters["phrases_asked"] += 1
        start = timeline.micros_at(scene.meter.start_of_beat(phrase.request.first_beat))
        request = wanted(
            phrase.request,
            self._heard(melody, scene),
            scene.meter.beat_ticks,
            number=self.counters["phrases_asked"],
            is_answer=phrase.request.prompt,
            due=Micros(start - RELEASE_AHEAD),
        )
        self._asked = request, phrase
        self._tell(at, request)

    def accept(self, given: PhraseGiven, at: Micros) -> Phrase | None:
        """The phrase given, if it is what was asked last and comes in time."""
        if self._asked is None or given.number != self._asked[0].number:
            return None
        request, phrase = self._asked
        if at >= request.due:
            self._give_up()
            return None
        self._asked = None
        self.counters["phrases_in_time"] += 1
        length, beats = request.end - request.start, list(given.threes)
        fits = beats and all(onset < length and request.low <= pitch <= request.high for onset, _, pitch in beats)
        return phrase_of(given, phrase) if fits else None

    def _give_up(self) -> None:
        """What was asked has not come in time."""
        self.counters["phrases_late"] += self._asked is not None
        self._asked = None

    def _heard(self, melody: Iterable[HeardNote], scene: Scene) -> PhraseWanted:
        """The line of the last bars, player's and soloist's, a note a place; and its chords."""
        meter = scene.meter
        line: dict[int, tuple[int, int, int]] = {}
        ended = [(note.start, note.end, note.pitch) for note in melody if not note.down]
        notes = [*ended, *((note.start, note.end, note.pitch) for note in self._played)]
        onsets = steps_of_beats([max(0, start) / TICKS_PER_QUARTER for start, *_ in notes])
        for onset, (start, end, pitch) in zip(onsets, notes, strict=True):
            if onset not in line or line[onset][2] < pitch:
                line[onset] = onset, duration_steps((end - start) / TICKS_PER_QUARTER), pitch
        length = bar_quarters(meter) * STEPS
        newest = max(line, default=0)
        since = (first_bar(newest // length) - WINDOW_BARS) * length
        told = [line[onset] for onset in sorted(line) if onset >= since]
        chords = [chord for chord in self._chords if chord[0] >= since]
        return listening(told, chords, meter, scene.key, scene.style.genre)
