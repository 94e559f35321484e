"""What the band tells of what it hears and foresees, and each thing only when it is news."""

from dataclasses import dataclass, field

from realtime.core.chord import Chord, name_of
from realtime.core.events import ChordHeard, KeyHeard, Output, Stamped
from realtime.core.listener import Listener
from realtime.core.units import Micros


@dataclass(slots=True)
class Telling:
    """Appends to `outbox`."""

    listener: Listener
    outbox: list[Stamped[Output]] = field(default_factory=list)
    chord_name: str = "N"
    chord_confidence: float = 0.0
    _told_key: str = ""

    def tell(self, at: Micros, event: Output) -> None:
        """Anything."""
        self.outbox.append(Stamped(at, event))

    def heard(self, chord: Chord, confidence: float, at: Micros, number: int = -1) -> None:
        """The chord heard on beat `number` (-1: no beat runs), if it is another than before."""
        name = self.name(chord)
        self.chord_confidence = confidence
        if name != self.chord_name:
            self.chord_name = name
            self.tell(at, ChordHeard(name, round(confidence, 4), number))

    def key(self, at: Micros) -> None:
        """The key the player is in, if it is another than before."""
        key = self.listener.key
        if key is not None and key.name != self._told_key:
            self._told_key = key.name
            self.tell(at, KeyHeard(key.name, round(self.listener.key_confidence, 4)))

    def name(self, chord: Chord | None) -> str:
        """A chord's symbol, spelt in the present key."""
        key = self.listener.key
        return name_of(chord, flats=key is None or key.uses_flats)
