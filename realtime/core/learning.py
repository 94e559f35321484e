"""Learning: what was heard on each beat goes to those who remember it; a song or a section that is known is told."""

from dataclasses import dataclass

from realtime.core.chord import Chord
from realtime.core.chord_memory import ChordMemory
from realtime.core.events import SectionHeard, SongHeard
from realtime.core.herald import Herald
from realtime.core.oracle import token_of
from realtime.core.prospect import Prospect
from realtime.core.units import Micros


@dataclass(slots=True)
class Learning:
    """Beats are numbered as the planner numbers them."""

    prospect: Prospect
    memory: ChordMemory
    herald: Herald

    def learn(self, number: int, chord: Chord | None, at: Micros) -> None:
        """Beat `number` was `chord`: the planner learns it, and the form at the end of a bar."""
        planner, prospect = self.prospect.planner, self.prospect
        planner.learn(number, chord)
        self.memory.learn(chord)
        song = planner.repertoire.news()
        if song is not None:
            self.herald.tell(at, SongHeard(song[0], song[1] // planner.beats_per_bar + 1, round(song[2], 4)))
        is_music = prospect.presence.first_beat is not None
        begun = prospect.form.hear_beat(number, token_of(chord), planner.beats_per_bar) if is_music else None
        if begun is not None:
            section, bar = begun
            self.herald.tell(at, SectionHeard(section.letter, bar + 1, section.returns, round(section.confidence, 4)))

    def chord_in_silence(self, number: int, *, keeps_form: bool = False) -> Chord | None:
        """What the oracle learns while the player rests: first that the chord goes on, then what the band plays.

        `keeps_form`: the form goes on from the first beat of the rest.
        """
        presence, planner = self.prospect.presence, self.prospect.planner
        if self.memory.is_playing:
            return self.memory.chord_for(number)
        if presence.has_left(number, planner.beats_per_bar):
            return None
        just_now = number - presence.last_beat <= planner.beats_per_bar and not keeps_form
        return self.prospect.listener.chord if just_now else planner.chord_on(number)
