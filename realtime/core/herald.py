"""The herald: tells the world what the band hears and foresees, in names, and says nothing twice."""

from dataclasses import dataclass, field

from realtime.core.chord import Chord, name_of
from realtime.core.events import ChordForeseen, ChordHeard, KeyHeard, Output, Stamped
from realtime.core.listener import Listener
from realtime.core.units import Micros


@dataclass(slots=True)
class Herald:
    """Appends what is to be told to `outbox`."""

    listener: Listener
    outbox: list[Stamped[Output]] = field(default_factory=list)
    chord_name: str = "N"
    chord_confidence: float = 0.0
    _told_key: str = ""

    def tell(self, at: Micros, event: Output) -> None:
        """Anything."""
        self.outbox.append(Stamped(at, event))

    def heard(self, chord: Chord, confidence: float, at: Micros, number: int = -1) -> None:
        """`chord` is heard in beat `number`; -1 where no beat runs."""
        name = self.name(chord)
        self.chord_confidence = confidence
        if name != self.chord_name:
            self.chord_name = name
            self.tell(at, ChordHeard(name, round(confidence, 4), number))

    def foresaw(
        self, chord: Chord | None, probability: float, at: Micros, away: float, number: int, *, sure: bool
    ) -> None:
        """`chord` is expected on beat `number`, which is `away` beats away."""
        self.tell(at, ChordForeseen(self.name(chord), round(probability, 4), away, number, committed=sure))

    def key(self, at: Micros) -> None:
        """The key, where it is another than was told last."""
        key = self.listener.key
        if key is not None and key.name != self._told_key:
            self._told_key = key.name
            self.tell(at, KeyHeard(key.name, round(self.listener.key_confidence, 4)))

    def name(self, chord: Chord | None) -> str:
        """A chord's symbol, spelt in the present key."""
        key = self.listener.key
        return name_of(chord, flats=key is None or key.uses_flats)
