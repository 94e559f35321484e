"""Draws what a style's band plays as a piano roll: sixteen bars, four of each variation, the player on top."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from daemon.evaluation.canvas import LETTER_HEIGHT, LETTER_WIDTH, Canvas, Colour
from daemon.evaluation.style_play import PlayedBeat, play_chart
from realtime.core.chart import Chart, parse_chart
from realtime.core.chord import is_same_harmony, name_of
from realtime.core.meter import Meter
from realtime.core.style import DRUM_VOICES, VARIATIONS, Style
from realtime.core.units import Ticks

BARS: Final = 16
TUNE: Final = "| Cmaj7 | Am7 | Dm7 | G7 | Em7 | A7 | Dm7 | G7 | C | C/E | F | F#dim7 | C/G | A7 | Dm7 G7 | C |"
"""What is drawn: plain changes, slash chords, a diminished one, two chords in a bar."""

LOWEST: Final = 27
HIGHEST: Final = 85
_MELODY: Final = (71, 82)
"""Where the player's melody lies: above the keys, as melodies do."""

_COLOURS: Final[dict[str, Colour]] = {
    "player": (60, 60, 60), "keys": (44, 110, 200), "pad": (165, 205, 165), "bass": (214, 120, 40),
}  # fmt: skip
_INK: Final[Colour] = (40, 40, 40)
_BAR_LINE: Final[Colour] = (150, 150, 150)
_BEAT_LINE: Final[Colour] = (228, 228, 228)
_BLACK_KEYS: Final[Colour] = (246, 246, 246)
_DRUM_SHADES: Final = 6
_SHADOW: Final = (1, 3, 6, 8, 10)


@dataclass(frozen=True, slots=True)
class Scale:
    """How large a picture is, in pixels."""

    bar: int = 72
    pitch: int = 4
    voice: int = 12
    letter: int = 2
    margin: int = 92


WHOLE: Final = Scale()
SMALL: Final = Scale(bar=44, pitch=3)


@dataclass(frozen=True, slots=True)
class Roll:
    """What is drawn of a style: its beats, and the player's keys."""

    style: Style
    beats: Sequence[PlayedBeat]
    player: tuple[int, ...]


def roll_of(style: Style) -> Roll:
    """The tune as the style plays it."""
    chart = parse_chart(TUNE, style.meter.beats_per_bar)
    player = melody(chart)
    beats = list(play_chart(style, chart, BARS, lambda bar: VARIATIONS[min(bar, BARS - 1) * 4 // BARS], player))
    return Roll(style, _as_heard(beats, style.meter), player)


def _as_heard(beats: Sequence[PlayedBeat], meter: Meter) -> list[PlayedBeat]:
    """The beats with every note of the harmony ended where the harmony moves on, as the band does."""
    heard, until = [], meter.start_of_beat(len(beats))
    for played in reversed(beats):
        notes = [n if n.part == "drums" else n._replace(end=Ticks(min(n.end, until))) for n in played.notes]
        heard.append(replace(played, notes=notes))
        if played.moves:
            until = meter.start_of_beat(played.plan.number)
    return heard[::-1]


def melody(chart: Chart) -> tuple[int, ...]:
    """A plain melody over a chart, a key a beat: the chord's notes, each the nearest to the one before."""
    line: list[int] = []
    low, high = _MELODY
    for beat, chord in enumerate(chart.beats):
        if chord is None:
            line.append(line[-1] if line else low)
            continue
        wanted = chord.pitch_classes[(beat // 2) % len(chord.pitch_classes)]
        places = [pitch for pitch in range(low, high + 1) if pitch % 12 == wanted]
        line.append(min(places, key=lambda pitch: abs(pitch - (line[-1] if line else low + 5))))
    return tuple(line)


def draw_roll(roll: Roll, scale: Scale = WHOLE) -> Canvas:
    """The picture of a roll."""
    strokes = {note.pitch for played in roll.beats for note in played.notes if note.part == "drums"}
    voices = [voice for voice in _written(roll.style) if DRUM_VOICES[voice] in strokes]
    head = 3 * LETTER_HEIGHT * scale.letter
    pitched = (HIGHEST - LOWEST + 1) * scale.pitch
    height = head + pitched + scale.letter * 4 + len(voices) * scale.voice + scale.letter * 4
    canvas = Canvas(scale.margin + BARS * scale.bar + scale.letter * 4, height)
    top_of_drums = head + pitched + scale.letter * 4
    _draw_grid(canvas, roll, scale, head)
    _draw_names(canvas, roll, scale, head)
    _draw_pitched(canvas, roll, scale, head)
    rows = {DRUM_VOICES[voice]: place for place, voice in enumerate(voices)}
    for place, voice in enumerate(voices):
        canvas.words(scale.letter * 2, top_of_drums + place * scale.voice, voice, scale=scale.letter)
    for played in roll.beats:
        for note in played.notes:
            if note.part == "drums" and note.pitch in rows:
                shade = 210 - round(note.velocity / 127 * _DRUM_SHADES) * (210 // _DRUM_SHADES)
                y = top_of_drums + rows[note.pitch] * scale.voice
                canvas.box(_x(roll, scale, note.start), y, scale.letter * 2, scale.voice - 1, (shade, shade, shade))
    return canvas


def _written(style: Style) -> list[str]:
    """The drum voices of a style's rows, and the crash that begins a section; of two on one key the written one."""
    rows = [*(groove.drums for groove in style.grooves.values()), *(fill.rows for fill in style.fills), ("crash",)]
    voices = [voice for voice in DRUM_VOICES if any(voice in row for row in rows)]
    return list({DRUM_VOICES[voice]: voice for voice in reversed(voices)}.values())[::-1]


def _x(roll: Roll, scale: Scale, ticks: float) -> float:
    return scale.margin + ticks * scale.bar / roll.style.meter.bar_ticks


def _y(scale: Scale, head: int, pitch: int) -> int:
    return head + (HIGHEST - pitch) * scale.pitch


def _draw_grid(canvas: Canvas, roll: Roll, scale: Scale, head: int) -> None:
    width, height = canvas.size
    for pitch in range(LOWEST, HIGHEST + 1):
        if pitch % 12 in _SHADOW:
            canvas.box(scale.margin, _y(scale, head, pitch), width - scale.margin, scale.pitch, _BLACK_KEYS)
    beats = roll.style.meter.beats_per_bar
    for beat in range(BARS * beats + 1):
        colour = _BAR_LINE if beat % beats == 0 else _BEAT_LINE
        canvas.box(_x(roll, scale, roll.style.meter.start_of_beat(beat)), head, 1, height - head, colour)
    for pitch in (36, 48, 60, 72, 84):
        name = f"C{pitch // 12 - 1}"
        x = scale.margin - (len(name) * LETTER_WIDTH + 1) * scale.letter
        canvas.words(x, _y(scale, head, pitch), name, _BAR_LINE, scale.letter)


def _draw_names(canvas: Canvas, roll: Roll, scale: Scale, head: int) -> None:
    """The style, the variations and the chords above, the parts at the side."""
    canvas.words(scale.letter * 2, scale.letter, roll.style.name, scale=scale.letter)
    line = LETTER_HEIGHT * scale.letter
    for bar in range(0, BARS, BARS // len(VARIATIONS)):
        canvas.words(
            _x(roll, scale, roll.style.meter.start_of_bar(bar)), scale.letter + line,
            VARIATIONS[bar * 4 // BARS], _COLOURS["bass"], scale.letter,
        )  # fmt: skip
    before = None
    for played in roll.beats:
        chord = played.plan.chord
        if not is_same_harmony(chord, before) or played.plan.number == 0:
            x = _x(roll, scale, roll.style.meter.start_of_beat(played.plan.number))
            canvas.words(x, scale.letter + 2 * line, name_of(chord), scale=scale.letter)
        before = chord
    for place, (part, colour) in enumerate(_COLOURS.items()):
        canvas.words(scale.letter * 2, head + (place + 1) * line, part, colour, scale.letter)


def _draw_pitched(canvas: Canvas, roll: Roll, scale: Scale, head: int) -> None:
    """The pad under the keys, so that both are seen."""
    thick = max(1, scale.pitch - 1)
    for part in ("pad", "keys", "bass"):
        for played in roll.beats:
            for note in played.notes:
                if note.part == part:
                    x, end = (_x(roll, scale, tick) for tick in (note.start, note.end))
                    canvas.box(x, _y(scale, head, note.pitch), max(2, end - x - 1), thick, _COLOURS[part])
    beat_ticks = roll.style.meter.beat_ticks
    for played in roll.beats:
        pitch, start = roll.player[played.plan.number % len(roll.player)], played.plan.number * beat_ticks
        x, end = _x(roll, scale, start), _x(roll, scale, start + beat_ticks)
        canvas.box(x, _y(scale, head, pitch), max(2, end - x - 1), thick, _COLOURS["player"])


def draw_styles(folder: Path, styles: Mapping[str, Style], columns: int = 2) -> list[Path]:
    """A picture of each style, `NAME.png`, and `styles.png` with all of them, small; returns the files.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rolls = [roll_of(style) for _, style in sorted(styles.items())]
    files = []
    for roll in rolls:
        files.append(folder / f"{roll.style.name}.png")
        draw_roll(roll).save(files[-1])
    files.append(folder / "styles.png")
    sheet([draw_roll(roll, SMALL) for roll in rolls], columns).save(files[-1])
    return files


def sheet(pictures: Sequence[Canvas], columns: int) -> Canvas:
    """Pictures beside and below each other, row by row."""
    rows = [pictures[at : at + columns] for at in range(0, len(pictures), columns)]
    heights = [max(picture.size[1] for picture in row) for row in rows]
    width = max(picture.size[0] for picture in pictures)
    canvas = Canvas(width * columns, sum(heights))
    for row, top in zip(rows, [sum(heights[:place]) for place in range(len(heights))], strict=True):
        for place, picture in enumerate(row):
            canvas.paste(picture, place * width, top)
    return canvas
