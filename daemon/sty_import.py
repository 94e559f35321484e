"""An arranger keyboard's style as one of ours: its sections become grooves, fills, intros, endings and
a break, its channels drums, bass, keys and pad.

Drums keep their strokes, bass lines become degrees of the chord they were written over, chord parts keep rhythm, force
and place on the keyboard, and are voiced by our own hands. What has no place here is listed in plain words.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from daemon.row_grid import Feels, Grid, Strike, counted, grid_of, shortest, written
from daemon.sty_casm import Channel
from daemon.sty_casting import Casting, Part, Parts, cast
from daemon.sty_chords import degrees_text, heard_chords
from daemon.sty_drums import BRUSH_KITS, DrumReader, drum_rows
from daemon.sty_file import SECTIONS, Sty
from daemon.sty_parts import Line, bass_row, chord_row, hand_of, source_chord, struck
from daemon.sty_tables import BASS, DRUMS, Tables, sources_of, tables_of
from realtime.core.chord import Chord
from realtime.core.style import VARIATIONS
from realtime.core.table_reader import MAX_ROW_BARS
from realtime.core.units import MAX_TEMPO_BPM, MIN_TEMPO_BPM, TICKS_PER_QUARTER

_TEMPO_SPAN: Final = 0.12
"""How far from its own tempo a style is played, as a share."""

_FILL_EVERY_BARS: Final = 8
BREAK: Final = "Fill In BA"
"""What an arranger keyboard plays on its key Break; in old files with two variations, the fill from B into A."""

_KINDS: Final = {"Intro": "intro", "Ending": "ending"}

NOISES_FROM: Final = 96
"""Sampled guitars and basses have the sounds of fret and strum on keys from here on."""

Kits = Mapping[str, Mapping[str, list[Strike]]]
"""By section and voice, the strokes of the drums."""


@dataclass(frozen=True, slots=True)
class Imported:
    """The style as the mapping of our TOML, how it was read, and what was left out."""

    mapping: dict[str, Any]
    remarks: list[str]
    left_out: list[str]


def import_sty(sty: Sty, name: str) -> Imported:
    """Our style out of `sty`; `name` is its title where the file has none."""
    beat = sty.meter.beat_ticks / TICKS_PER_QUARTER
    left_out: list[str] = []
    kept = [one for one in SECTIONS if one in sty.sections]
    tables = {one: tables_of(sty, one, left_out.append) for one in kept}
    starts = [
        note.start / beat
        for one in kept
        for source in sources_of(sty.sections[one], tables[one])
        for note in sty.sections[one].channels[source]
    ]
    transcript = _Transcript(
        sty, tables, grid_of(sty.meter, starts), Feels(60_000 / sty.tempo_bpm * beat),
        DrumReader(brushes=any(program in BRUSH_KITS for program in sty.kits.values())), left_out,
    )  # fmt: skip
    return transcript.finish(name)


@dataclass(slots=True)
class _Transcript:
    """Writes a style down, section by section."""

    sty: Sty
    tables: dict[str, Tables]
    grid: Grid
    feels: Feels
    drums: DrumReader
    left_out: list[str]
    missing: Counter[str] = field(default_factory=Counter)
    noises: int = 0

    def finish(self, name: str) -> Imported:
        """All of it; `name` as in `import_sty`."""
        kits = {one: self._kit(one) for one in self.tables}
        parts = {one: self._parts(one) for one in self.tables}
        mains = {one: played for one, played in parts.items() if one.startswith("Main")}
        casting = cast(mains, self.grid, self.left_out.append)
        hands = self._hands(casting, parts)
        grooves, last = {}, next(iter(mains))
        for variation in VARIATIONS:
            last = f"Main {variation}" if f"Main {variation}" in mains else last
            grooves[variation] = self._groove(last, kits[last], mains[last], casting)
        fills, passages = self._fills(kits), self._passages(kits, parts, casting)
        tables = {"feel": self.feels.tables(), "groove": grooves, "fill": fills, **passages}
        lost = [*dict.fromkeys(self.left_out), *self._lost()]
        return Imported({**self._head(name), **hands, **tables}, self._remarks(), lost)

    def _head(self, name: str) -> dict[str, Any]:
        tempo = min(MAX_TEMPO_BPM, max(MIN_TEMPO_BPM, self.sty.tempo_bpm))
        slow, fast = max(MIN_TEMPO_BPM, tempo * (1 - _TEMPO_SPAN)), min(MAX_TEMPO_BPM, tempo * (1 + _TEMPO_SPAN))
        return {
            "title": self.sty.title or name,
            "meter": str(self.sty.meter),
            "steps_per_beat": self.grid.steps_per_beat,
            "tempo_bpm": [round(slow, 1), round(fast, 1)],
            "swing": self.grid.swing,
            "fill_every_bars": _FILL_EVERY_BARS,
            "kit": "brushes" if self.drums.brushes else "standard",
        }

    def _strikes(self, name: str, table: Channel) -> list[Strike]:
        """What a channel plays in a section, on the grid."""
        beat, steps = self.sty.meter.beat_ticks / TICKS_PER_QUARTER, self._steps(name)
        strikes = [
            self.grid.strike(note.start / beat, note.length / beat, note.pitch, note.velocity)
            for note in self.sty.sections[name].channels.get(table.source, ())
        ]
        end = round(self.sty.sections[name].quarters / beat * self.grid.steps_per_beat)
        # What is nearest to the first step of whatever follows is an early first step of the section itself.
        return [strike._replace(step=0) if strike.step == end == steps else strike for strike in strikes]

    def _steps(self, name: str) -> int:
        """How long a section is."""
        bars = max(1, round(self.sty.sections[name].quarters * TICKS_PER_QUARTER / self.sty.meter.bar_ticks))
        if bars > MAX_ROW_BARS:
            self.left_out.append(f"{name} after its bar {MAX_ROW_BARS}")
        return min(bars, MAX_ROW_BARS) * self.grid.steps_per_bar

    def _kit(self, name: str) -> Mapping[str, list[Strike]]:
        strikes = [s for part in DRUMS for table in self.tables[name].get(part, ()) for s in self._strikes(name, table)]
        voices = self.drums.by_voice(strikes)
        for voice, played in voices.items():
            self.feels.add(voice, played)
        return voices

    def _parts(self, name: str) -> Parts:
        parts = {}
        for number, tables in self.tables[name].items():
            if number not in DRUMS:
                strikes = self._strikes(name, tables[0])
                tones = [strike for strike in strikes if strike.pitch < NOISES_FROM]
                self.noises += len(strikes) - len(tones)
                parts[number] = Part(tables[0], struck(tones))
        return parts

    def _hands(self, casting: Casting, sections: Mapping[str, Parts]) -> dict[str, Any]:
        """The hands of keys and pad; how everybody but the drums feels it is gathered on the way."""
        hands = {}
        for role in ("keys", "pad"):
            chosen = {name: part for name, parts in sections.items() if (part := casting.part(role, parts)) is not None}
            for part in chosen.values():
                self.feels.add(role, [strike for group in part.groups.values() for strike in group])
            grooves = [part for name, part in chosen.items() if name.startswith("Main")]
            if grooves:
                hands[role] = hand_of([part.groups for part in grooves], grooves[0].table, self.feels.beat_ms)
        for parts in sections.values():
            if BASS in parts:
                self.feels.add("bass", [strike for group in parts[BASS].groups.values() for strike in group])
        return hands

    def _groove(
        self, name: str, kit: Mapping[str, list[Strike]], parts: Parts, casting: Casting, chords: Sequence[Chord] = ()
    ) -> dict[str, Any]:
        """The rows of a section; `chords` are those it plays by itself, as in the key of its source chord."""
        steps = self._steps(name)
        rows = {}
        if BASS in parts:
            table = parts[BASS].table
            own = [chord.transposed(table.root) for chord in chords] or [source_chord(table)]
            line = Line(self.grid, steps, own, over_bars=bool(chords))
            rows["bass"] = bass_row(parts[BASS].groups, line, bass_on=table.rule.bass_on, missing=self.missing)
        for role in ("keys", "pad"):
            part, line = casting.part(role, parts), Line(self.grid, steps, [Chord(0, "", 0)], over_bars=bool(chords))
            rows[role] = chord_row(part.groups if part else {}, self.feels.full(role), line)
        texts = {part: self._text(rows.get(part, "." * steps)) for part in ("bass", "keys", "pad")}
        return texts | {"drums": self._drum_text(kit, steps)}

    def _fills(self, kits: Kits) -> list[dict[str, str]]:
        """The drums of the fills, each into its variation; a style without any plays on."""
        bar, fills = self.grid.steps_per_bar, []
        for name, kit in kits.items():
            if name.startswith("Fill In") and not self._is_break(name) and (rows := self._drum_text(kit, bar)):
                fills.append({"into": name[-1], **rows})
                if self._steps(name) > bar:
                    self.left_out.append(f"{name} after its first bar")
                if any(number not in DRUMS for number in self.tables[name]):
                    self.left_out.append("bass and chords of the fills: ours play the groove on while the drums fill")
        if not fills:
            self.left_out.append("fills: the file has none; its first groove is played on")
            fills.append(self._drum_text(next(iter(kits.values())), bar) or {"kick": self._text("." * bar)})
        return fills

    def _is_break(self, name: str) -> bool:
        return name == BREAK and "Main C" in self.sty.sections

    def _passages(self, kits: Kits, parts: Mapping[str, Parts], casting: Casting) -> dict[str, dict[str, Any]]:
        """Intros, endings and the break, with the chords that are heard in them."""
        found: dict[str, dict[str, Any]] = {}
        for name, kit in kits.items():
            kind = "break" if self._is_break(name) else _KINDS.get(name.split()[0])
            if kind is None:
                continue
            bars = self._steps(name) // self.grid.steps_per_bar
            chords = self._chords(name, bars)
            passage = {"bars": bars, **self._groove(name, kit, parts[name], casting, chords)}
            if chords:
                passage["chords"] = degrees_text(chords, self.sty.meter)
            numbered = found.setdefault(kind, {})
            numbered["1" if kind == "break" else str("ABCD".index(name[-1]) + 1)] = passage
        return found

    def _chords(self, name: str, bars: int) -> list[Chord]:
        """The chords that a section plays by itself, as in C; a break has none: it goes with the song."""
        tables = [table for part, tables in self.tables[name].items() if part not in DRUMS for table in tables]
        if self._is_break(name) or not tables:
            return []
        notes = [note for table in tables for note in self.sty.sections[name].channels[table.source]]
        tonic = max(tables, key=lambda table: table.destination == BASS).root
        return heard_chords(notes, tonic, self.sty.meter, self.sty.tempo_bpm, bars)

    def _drum_text(self, kit: Mapping[str, list[Strike]], steps: int) -> dict[str, str]:
        return {voice: self._text(row) for voice, row in drum_rows(kit, self.feels, steps).items()}

    def _text(self, row: str) -> str:
        return written(shortest(row, self.grid.steps_per_bar), self.grid)

    def _lost(self) -> list[str]:
        """What was lost note by note."""
        lost = []
        if self.drums.unknown:
            lost.append(f"drums that we have no voice for: {counted(self.drums.unknown)}")
        if self.drums.stand_ins:
            lost.append(f"played by another: {counted(self.drums.stand_ins)}")
        if self.drums.doubled:
            lost.append(f"{self.drums.doubled} strokes that fall together with another of their voice")
        if self.noises:
            lost.append(f"{self.noises} noises of strings and frets, which are notes above the instrument's own")
        if self.missing:
            lost.append(f"bass notes that no degree gives, moved to the nearest: {counted(self.missing)}")
        return lost + self.sty.skipped

    def _remarks(self) -> list[str]:
        sty, grid = self.sty, self.grid
        swing = f", swing {grid.swing:g}" if grid.swing else ""
        remarks = [
            f"{sty.format or 'no format marker'}, {sty.meter}, {sty.tempo_bpm:.0f} quarters a minute,"
            f" {grid.steps_per_beat} steps a beat{swing}",
            "the bass goes by degrees of the chord, keys and pad are led by our own hands: so much is kept of the rules"
            " of transposition (NTR, NTT, RTR)",
        ]
        absent = [variation for variation in VARIATIONS if f"Main {variation}" not in sty.sections]
        if absent:
            remarks.append(f"{', '.join(absent)}: not in the file; the variation before is played")
        if sty.casm is None:
            remarks.append("there is no CASM in the file: parts by their channels, written over Cmaj7")
        return remarks
