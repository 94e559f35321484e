"""What the player is doing: chord a beat, key, energy, where the hands are.

With trained weights the chord net names root and family, and the notes decide the shade; without them the matcher of
`recogniser` does it all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.core.chord import Chord
from realtime.core.chord_features import BeatSight
from realtime.core.chord_net import ChordNet
from realtime.core.chord_shade import BARE_BEATS, is_bare, shaded
from realtime.core.chord_tokens import NO_CHORD_TOKEN, chord_of
from realtime.core.events import Value
from realtime.core.evidence import Evidence
from realtime.core.hands import Hands
from realtime.core.harmoniser import Harmoniser, likelihood
from realtime.core.key_finder import Key, KeyFinder
from realtime.core.melody_ear import LOWEST_MELODY, MelodyEar
from realtime.core.midi_codec import MidiMessage
from realtime.core.parameters import DEFAULTS
from realtime.core.recogniser import LEAST_EVIDENCE, Hearing, recognise
from realtime.core.register import Register
from realtime.core.trained_ear import Distribution, Place, TrainedEar, told
from realtime.core.units import DRUM_CHANNEL, Micros, clamp
from realtime.core.weights import Tensors

SURE_KEY = 0.5
"""A key less likely than this does not colour what is heard."""

RINGING_WEIGHT = 0.4
"""What a note from before counts for just after a strike, once its key is up: the pedal is only late to change."""

LEAST_CHORD = 3
"""So many keys held together break into a melody that was alone."""

LEAST_STRIKES = 2
HIGHEST_BASS = 52
"""This many keys struck together, or one this low, can be a new chord."""

_SOFTEST, _LOUDEST = 36.0, 112.0
"""Velocities that mean no energy and all of it."""

_BUSY_ONSETS_PER_BEAT = 6.0

LOUDNESS_RATE: Final = 0.6
BUSINESS_RATE: Final = 0.12
ENERGY_RATE: Final = 0.3
"""How much of what is new each beat is believed: of its loudness (where something is struck), of how busy it is, and of
both together. A bar of four beats is followed by three quarters."""

USUAL_BEAT: Final = Micros(600_000)
"""How long a beat is taken to be before the first is over."""

NEAR_ENOUGH: Final = 0.9
"""A look back over this much of a beat, or more, is a look at a whole one."""


@dataclass(slots=True)
class Listener:
    """Folds messages into what has been heard; judged a beat at a time, or at once when asked."""

    weights: Tensors = field(default_factory=dict, repr=False)
    """What `daemon.training.recogniser` learnt; with none, the matcher listens."""
    harmony: Tensors = field(default_factory=dict, repr=False)
    """What `daemon.training.harmoniser` counted; with none, a melody alone is heard like anything else."""
    parameters: Mapping[str, Value] = field(default_factory=lambda: DEFAULTS, repr=False)
    """Read live, never written."""
    hands: Hands = field(init=False)
    melody: MelodyEar = field(default_factory=MelodyEar)
    harmoniser: Harmoniser | None = None
    chord: Chord | None = None
    """The chord of the last beat that had one."""
    energy: float = 0.4
    """How hard and how busily the player plays, 0..1, over the last few bars."""
    register: Register = field(default_factory=Register, repr=False)
    """Where the hands have been."""
    key_override: Key | None = None
    _keys: KeyFinder = field(default_factory=KeyFinder)
    _trained: TrainedEar | None = None
    _beat_length: int = USUAL_BEAT
    _bare: int = 0
    """For how many beats nothing but roots and fifths was played."""
    _onsets: int = 0
    _struck: float = 0.0
    """The loudness of this beat's onsets, summed."""
    _loudness: float = 0.4
    _business: float = 0.4

    def __post_init__(self) -> None:
        """Readies the hands, and the net where there is one."""
        self.hands = Hands(self.parameters)
        if self.weights:
            self._trained = TrainedEar(ChordNet(self.weights))
        if self.harmony:
            self.harmoniser = Harmoniser(self.harmony)

    @property
    def key(self) -> Key | None:
        """The key the player is in, or has said it is."""
        return self.key_override or self._keys.key

    @property
    def key_shares(self) -> NDArray[np.float64]:
        """How likely each key is, major ones from C up, then minor ones; the one the player has said, for sure."""
        if self.key_override is None:
            return self._keys.shares
        said = np.zeros(24)
        said[self.key_override.tonic + 12 * self.key_override.minor] = 1.0
        return said

    @property
    def key_confidence(self) -> float:
        """0..1; 1 if the player has said so."""
        return 1.0 if self.key_override else self._keys.confidence

    def take(self, message: MidiMessage, at: Micros) -> None:
        """Hears one message."""
        self.hands.take(message, at)
        if message.kind == "note_on" and message.channel != DRUM_CHANNEL:
            self._onsets += 1
            self._struck += clamp((message.b - _SOFTEST) / (_LOUDEST - _SOFTEST), 0.0, 1.0)
            self.register.strike(message.a)

    @property
    def held(self) -> frozenset[int]:
        """The pitch classes that sound now, pedals included."""
        return frozenset(note.pitch % 12 for note in self.hands.whole.keyboard.sounding())

    def end_beat(
        self, start: Micros, end: Micros, prior: Distribution | None = None, place: Place | None = None
    ) -> Hearing:
        """Judges the beat from `start` until `end`, and moves key and energy on. Silence gives no chord.

        `prior` is what was expected of this beat, over the 85 tokens; `place` which beat of how many in the bar it is.
        """
        ear = self.hands.chords
        evidence = ear.evidence(start, end)
        self._keys.take(evidence if ear is self.hands.whole else self.hands.whole.evidence(start, end))
        self.register.end_beat()
        self._feel_energy(sounds=evidence.notes > 0)
        self._beat_length = max(1, end - start)
        if self._trained is None:
            hearing = self._match(evidence)
        else:
            sight = BeatSight(ear.spans(start), start, self._beat_length, end)
            hearing = self._named(evidence, self._trained.finish(sight, place, prior))
            if evidence.notes:
                self._bare = self._bare + 1 if is_bare(evidence) else 0
        hearing = self._in_hands(hearing, start, end)
        if self.harmoniser is not None:
            hearing = self._led(self.harmoniser, hearing, start, end, place or (0, 4))
        if hearing.chord is not None:
            self.chord = hearing.chord
        return hearing

    def _feel_energy(self, *, sounds: bool) -> None:
        """At the end of a beat: how loud it was struck, if it was, and how busily, over a few bars."""
        if self._onsets:
            self._loudness += LOUDNESS_RATE * (self._struck / self._onsets - self._loudness)
        self._business += BUSINESS_RATE * (clamp(self._onsets / _BUSY_ONSETS_PER_BEAT, 0.0, 1.0) - self._business)
        self._onsets, self._struck = 0, 0.0
        if sounds:
            self.energy += ENERGY_RATE * (0.75 * self._loudness + 0.25 * self._business - self.energy)

    def _in_hands(self, hearing: Hearing, start: Micros, end: Micros) -> Hearing:
        """What was heard, as far as the player's way of playing chords has it so."""
        if hearing.chord is None or not self.hands.may_be_chord(start):
            return Hearing(None, 0.0, hearing.distribution)
        return replace(hearing, chord=self.hands.over_bass(hearing.chord, start, end))

    def _led(self, harmoniser: Harmoniser, hearing: Hearing, start: Micros, end: Micros, place: Place) -> Hearing:
        """The harmoniser hears the beat too; where a melody is alone, the chord is the one that was found for it."""
        notes = self.melody.take(self.hands.whole.spans(start), start, end)
        alone, planned = self.melody.is_alone, harmoniser.ahead[:1]
        struck = hearing.distribution if self.melody.hears_chords else None
        now = harmoniser.hear(notes, self.key_shares, place, struck)
        harmoniser.leads = alone
        if not alone:
            return hearing
        chord = chord_of(planned[0]) if planned else None
        if not notes.any():
            self.chord = chord or self.chord
            return Hearing(None, 0.0, now)
        return Hearing(chord, likelihood(now, planned[0]), now) if planned else Hearing(None, 0.0, now)

    def lone_note(self, start: Micros) -> int | None:
        """The pitch class of the melody that is played alone, where it goes on since `start`; None for a chord."""
        return self._single_note(start) if self.melody.is_alone else None

    def _single_note(self, start: Micros) -> int | None:
        """The pitch class of the last key held since `start`; None where none is, or they are a chord."""
        held = [span for span in self.hands.whole.spans(start) if span.end is None and span.lifted is None]
        is_chord = len(held) >= LEAST_CHORD or (len(held) > 1 and held[0].pitch <= LOWEST_MELODY)
        return held[-1].pitch % 12 if held and not is_chord else None

    def hear_now(
        self, start: Micros, now: Micros, prior: Distribution | None = None, place: Place | None = None
    ) -> Hearing:
        """What the beat that began at `start` sounds like so far; changes nothing.

        Unsure unless a chord was struck: a note of melody over what rings on says nothing new.
        """
        is_line = self.melody.is_alone or self.melody.is_line
        if self.harmoniser is not None and is_line and self._single_note(start) is not None:
            return Hearing(None, 0.0)
        ear = self.hands.chords
        strikes = ear.strikes(start)
        struck = len(strikes) >= LEAST_STRIKES or min(strikes, default=127) <= HIGHEST_BASS
        if self._trained is None and not struck:
            return Hearing(None, 0.0)
        since = ear.first_onset(start) or start
        evidence = ear.evidence(since, now, ringing_weight=RINGING_WEIGHT)
        if self._trained is None:
            heard = self._match(evidence)
        else:
            length = self._beat_length if now - start < NEAR_ENOUGH * self._beat_length else max(1, now - start)
            sight = BeatSight(ear.spans(start), start, length, now)
            heard = self._named(evidence, self._trained.judge(sight, place, prior))
            if not struck:
                return Hearing(None, 0.0, heard.distribution)
        if heard.chord is not None and min(strikes) > HIGHEST_BASS:
            heard = replace(heard, chord=self._over_old_bass(heard.chord))
        return self._in_hands(heard, start, now)

    def _over_old_bass(self, chord: Chord) -> Chord:
        """A chord struck without a bass: the bass stays if the chord does, and is the root if it does not."""
        stays = self.chord is not None and (self.chord.root, self.chord.family) == (chord.root, chord.family)
        return replace(chord, bass=self.chord.bass if stays and self.chord is not None else chord.root)

    def _named(self, evidence: Evidence, distribution: Distribution) -> Hearing:
        """The likeliest chord, in the shade that the notes give it; none where nothing sounds or it is noise."""
        if evidence.total < LEAST_EVIDENCE:
            return Hearing(None, 0.0, distribution)
        token = told(distribution, evidence)
        if token == NO_CHORD_TOKEN:
            return Hearing(None, 0.0, distribution)
        chord = shaded(token, evidence, self.chord, bare=self._bare >= BARE_BEATS)
        return Hearing(chord, float(distribution[token]), distribution)

    def _match(self, evidence: Evidence) -> Hearing:
        key = self.key if self.key_confidence >= SURE_KEY else None
        return recognise(evidence, self.chord, (key.tonic, key.minor) if key else None)
