"""The chords of a piece: phrases chosen, coloured and put into the key, or those that were given."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from daemon.song.colour import Change, Colourist, Palette
from daemon.song.form import SectionPlan, plan_form
from daemon.song.genre import Genre
from daemon.song.phrases import Bars, PhraseChooser, degree_chord
from realtime.core.chance import Chance
from realtime.core.chord import Chord
from realtime.core.key_finder import Key
from realtime.core.oracle import Oracle
from realtime.core.weights import Tensors

TURNS: Final = 0.75
"""How often the last bar of a section leads back to the next."""


@dataclass(frozen=True, slots=True)
class Harmony:
    """The changes of a piece, in its key, and its sections."""

    key: Key
    beats_per_bar: int
    bars: int
    changes: tuple[Change, ...]
    sections: tuple[SectionPlan, ...]

    @property
    def beats(self) -> tuple[Chord, ...]:
        """The chord of every beat."""
        return tuple(change.chord for change in self.changes for _ in range(change.beats))


@dataclass(frozen=True, slots=True)
class HarmonyOrder:
    """What is wanted of the harmony. `heard` are chords that went before, in order, roots from C."""

    genre: Genre
    key: Key
    bars: int
    beats_per_bar: int
    complexity: int
    form: str
    seed: int
    heard: tuple[Chord, ...] = ()


def compose_harmony(order: HarmonyOrder, tables: Tensors) -> Harmony:
    """Chords for every bar; `tables` are the oracle's."""
    genre, mode = order.genre, order.key.mode_name
    chance = Chance(order.seed)
    oracle = Oracle(weights=tables, grid="changes")
    for chord in order.heard:
        oracle.observe(chord.transposed(-order.key.tonic))
    chooser = PhraseChooser(
        genre.grammars[mode],
        order.complexity,
        chance,
        oracle,
        mode in ("major", "minor") and not genre.dominant_sevenths,
    )
    sections = plan_form(order.form, order.bars)
    palette = palette_of(genre, order.key, order.complexity)
    made: dict[tuple[str, int], Bars] = {}
    changes: list[Change] = []
    for section in sections:
        bars = _section_bars(section, chooser, made)
        plain = _changes(_thinned(bars, order.complexity), section.first_bar, order.beats_per_bar)
        if section.is_last:
            plain = _at_home(plain, order.beats_per_bar)
        changes += _coloured(plain, Colourist(palette, chance, section.letter), is_last=section.is_last)
    changes = [replace(change, chord=change.chord.transposed(order.key.tonic)) for change in changes]
    return Harmony(order.key, order.beats_per_bar, order.bars, tuple(joined(changes)), sections)


def palette_of(genre: Genre, key: Key, complexity: int) -> Palette:
    """How far the genre goes in this key."""
    scale = frozenset((pitch - key.tonic) % 12 for pitch in key.scale)
    return Palette(complexity, genre.rich, genre.dominant_sevenths, key.minor, scale)


def _section_bars(section: SectionPlan, chooser: PhraseChooser, made: dict[tuple[str, int], Bars]) -> Bars:
    """A section's bars: as they were when its letter was played before, and with a way on at its end."""
    known = made.get((section.letter, section.bars))
    bars = [list(bar) for bar in known] if known is not None else chooser.section(section)
    if section.is_last and section.phrases[-1].kind == "whole":
        bars[-2:] = [bars[-2][:1], bars[-2][:1]]  # no turn: it is over
    made.setdefault((section.letter, section.bars), [list(bar) for bar in bars])
    closes = section.phrases[-1].kind == "close" and not section.is_last and section.bars > 1
    if section.is_last and known is not None and section.phrases[-1].kind != "whole":
        last = section.phrases[-1]
        ending = chooser.section(replace(section, phrases=(last,)))
        bars[-last.bars :] = ending
    elif closes and chooser.chance.uniform("turns", section.first_bar) < TURNS:
        bars[-1] = chooser.turn(section.first_bar)
    return bars


def _thinned(bars: Bars, complexity: int) -> Bars:
    """At the lowest level a chord a bar is enough: the one that leads on."""
    return [bar[-1:] for bar in bars] if complexity == 1 else bars


def _changes(bars: Bars, first_bar: int, beats_per_bar: int) -> list[Change]:
    changes: list[Change] = []
    for number, written in enumerate(bars):
        words = written if len(written) <= beats_per_bar else [written[0], written[-1]][:beats_per_bar]
        start = (first_bar + number) * beats_per_bar
        for beat in range(beats_per_bar):
            chord = degree_chord(words[beat * len(words) // beats_per_bar])
            if beat and changes and changes[-1].chord == chord:
                changes[-1] = replace(changes[-1], beats=changes[-1].beats + 1)
            else:
                changes.append(Change(start + beat, 1, chord))
    return changes


def _at_home(changes: Sequence[Change], beats_per_bar: int) -> list[Change]:
    """The last bar is the tonic and nothing else, where it would go round again, as a chorus of blues does."""
    end = changes[-1].beat + changes[-1].beats
    start = max(changes[0].beat, end - beats_per_bar)
    if changes[-1].chord.root == 0:
        return list(changes)
    home = next((c.chord for c in changes if c.chord.root == 0 and c.chord.bass == 0), Chord(0, "", 0))
    kept = [replace(c, beats=min(c.beats, start - c.beat)) for c in changes if c.beat < start]
    return [*kept, Change(start, end - start, home)]


def _coloured(changes: Sequence[Change], colourist: Colourist, *, is_last: bool) -> list[Change]:
    first = changes[0].beat
    home = next((n for n, c in enumerate(reversed(changes)) if c.chord.root != changes[-1].chord.root), 0)
    guarded = len(changes) - home - 1 if is_last else len(changes)
    coloured: list[Change] = []
    for place, change in enumerate(changes):
        after = changes[place + 1] if place + 1 < len(changes) else None
        split = colourist.between(change, after, change.beat - first) if 0 < place < guarded else [change]
        coloured += [colourist.shaded(part, part.beat - first) for part in split]
    return coloured


def joined(changes: Sequence[Change]) -> list[Change]:
    """Neighbours that are the same chord as one."""
    whole: list[Change] = []
    for change in changes:
        if whole and whole[-1].chord == change.chord:
            whole[-1] = replace(whole[-1], beats=whole[-1].beats + change.beats)
        else:
            whole.append(change)
    return whole
