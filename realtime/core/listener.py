"""What the player is doing: chord a beat, key, energy, where the hands are.

With trained weights the chord net names root and family, and the notes decide the shade; without them the matcher of
`recogniser` does it all.
"""

from dataclasses import dataclass, field, replace
from typing import Final

from realtime.core.chord import Chord
from realtime.core.chord_features import BeatSight
from realtime.core.chord_net import ChordNet
from realtime.core.chord_shade import shaded
from realtime.core.chord_tokens import NO_CHORD_TOKEN
from realtime.core.evidence import Ear, Evidence
from realtime.core.key_finder import Key, KeyFinder
from realtime.core.midi_codec import MidiMessage
from realtime.core.recogniser import LEAST_EVIDENCE, Hearing, recognise
from realtime.core.trained_ear import Distribution, Place, TrainedEar
from realtime.core.units import DRUM_CHANNEL, Micros, clamp
from realtime.core.weights import Tensors

SURE_KEY = 0.5
"""A key less likely than this does not colour what is heard."""

RINGING_WEIGHT = 0.4
"""What a note from before counts for just after a strike, once its key is up: the pedal is only late to change."""

LEAST_STRIKES = 2
HIGHEST_BASS = 52
"""This many keys struck together, or one this low, can be a new chord."""

_SOFTEST, _LOUDEST = 36.0, 112.0
"""Velocities that mean no energy and all of it."""

_BUSY_ONSETS_PER_BEAT = 6.0

USUAL_BEAT: Final = Micros(600_000)
"""How long a beat is taken to be before the first is over."""

NEAR_ENOUGH: Final = 0.9
"""A look back over this much of a beat, or more, is a look at a whole one."""


@dataclass(slots=True)
class Listener:
    """Folds messages into what has been heard; judged a beat at a time, or at once when asked."""

    weights: Tensors = field(default_factory=dict, repr=False)
    """What `daemon.training.recogniser` learnt; with none, the matcher listens."""
    ear: Ear = field(default_factory=Ear)
    chord: Chord | None = None
    """The chord of the last beat that had one."""
    energy: float = 0.4
    """How hard and how busily the player plays, 0..1, over the last few bars."""
    hand_pitch: float = 66.0
    """About where the hands are (MIDI pitch), the upper half of what is played."""
    key_override: Key | None = None
    _keys: KeyFinder = field(default_factory=KeyFinder)
    _trained: TrainedEar | None = None
    _beat_length: int = USUAL_BEAT
    _onsets: int = 0
    _loudness: float = 0.4

    def __post_init__(self) -> None:
        """Readies the net, where there is one."""
        if self.weights:
            self._trained = TrainedEar(ChordNet(self.weights))

    @property
    def key(self) -> Key | None:
        """The key the player is in, or has said it is."""
        return self.key_override or self._keys.key

    @property
    def key_confidence(self) -> float:
        """0..1; 1 if the player has said so."""
        return 1.0 if self.key_override else self._keys.confidence

    def take(self, message: MidiMessage, at: Micros) -> None:
        """Hears one message."""
        self.ear.take(message, at)
        if message.kind == "note_on" and message.channel != DRUM_CHANNEL:
            self._onsets += 1
            loudness = clamp((message.b - _SOFTEST) / (_LOUDEST - _SOFTEST), 0.0, 1.0)
            self._loudness += 0.06 * (loudness - self._loudness)
            if message.a >= 55:
                self.hand_pitch += 0.1 * (message.a - self.hand_pitch)

    def end_beat(
        self, start: Micros, end: Micros, prior: Distribution | None = None, place: Place | None = None
    ) -> Hearing:
        """Judges the beat from `start` until `end`, and moves key and energy on. Silence gives no chord.

        `prior` is what was expected of this beat, over the 85 tokens; `place` which beat of how many in the bar it is.
        """
        evidence = self.ear.evidence(start, end)
        self._keys.take(evidence)
        business = clamp(self._onsets / _BUSY_ONSETS_PER_BEAT, 0.0, 1.0)
        self._onsets = 0
        if evidence.notes:
            self.energy += 0.12 * (0.75 * self._loudness + 0.25 * business - self.energy)
        self._beat_length = max(1, end - start)
        if self._trained is None:
            hearing = self._match(evidence)
        else:
            sight = BeatSight(self.ear.spans(start), start, self._beat_length, end)
            hearing = self._named(evidence, self._trained.judge(sight, place, prior))
            self._trained.remember(sight)
        if hearing.chord is not None:
            self.chord = hearing.chord
        return hearing

    def hear_now(
        self, start: Micros, now: Micros, prior: Distribution | None = None, place: Place | None = None
    ) -> Hearing:
        """What the beat that began at `start` sounds like so far; changes nothing.

        Unsure unless a chord was struck: a note of melody over what rings on says nothing new.
        """
        strikes = self.ear.strikes(start)
        struck = len(strikes) >= LEAST_STRIKES or min(strikes, default=127) <= HIGHEST_BASS
        if self._trained is None and not struck:
            return Hearing(None, 0.0)
        since = self.ear.first_onset(start) or start
        evidence = self.ear.evidence(since, now, ringing_weight=RINGING_WEIGHT)
        if self._trained is None:
            heard = self._match(evidence)
        else:
            length = self._beat_length if now - start < NEAR_ENOUGH * self._beat_length else max(1, now - start)
            sight = BeatSight(self.ear.spans(start), start, length, now)
            heard = self._named(evidence, self._trained.judge(sight, place, prior))
            if not struck:
                return Hearing(None, 0.0, heard.distribution)
        if heard.chord is None or min(strikes) <= HIGHEST_BASS:
            return heard
        return replace(heard, chord=self._over_old_bass(heard.chord))

    def _over_old_bass(self, chord: Chord) -> Chord:
        """A chord struck without a bass: the bass stays if the chord does, and is the root if it does not."""
        stays = self.chord is not None and (self.chord.root, self.chord.family) == (chord.root, chord.family)
        return replace(chord, bass=self.chord.bass if stays and self.chord is not None else chord.root)

    def _named(self, evidence: Evidence, distribution: Distribution) -> Hearing:
        """The likeliest chord, in the shade that the notes give it; none where nothing sounds or it is noise."""
        if evidence.total < LEAST_EVIDENCE:
            return Hearing(None, 0.0, distribution)
        token = int(distribution.argmax())
        if token == NO_CHORD_TOKEN:
            return Hearing(None, 0.0, distribution)
        return Hearing(shaded(token, evidence, self.chord), float(distribution[token]), distribution)

    def _match(self, evidence: Evidence) -> Hearing:
        key = self.key if self.key_confidence >= SURE_KEY else None
        return recognise(evidence, self.chord, (key.tonic, key.minor) if key else None)
