"""Draws a piece as a piano roll: melody, keys, pad and bass by pitch, drums below, chords and sections above."""

from typing import Final

from daemon.evaluation.canvas import LETTER_HEIGHT, Canvas, Colour
from daemon.song.piece import Piece
from daemon.song.spelling import chord_name
from realtime.core.style import DRUM_VOICES

BAR_WIDTH: Final = 84
PITCH_HEIGHT: Final = 5
VOICE_HEIGHT: Final = 11
MARGIN: Final = 80
BARS_A_ROW: Final = 16
LETTER: Final = 2
LOWEST, HIGHEST = 28, 84
COLOURS: Final[dict[str, Colour]] = {
    "pad": (165, 205, 165), "player": (120, 120, 200), "keys": (44, 110, 200), "bass": (214, 120, 40),
    "solo": (200, 30, 60),
}  # fmt: skip
_BAR_LINE: Final[Colour] = (150, 150, 150)
_BEAT_LINE: Final[Colour] = (230, 230, 230)
_BLACK: Final[Colour] = (246, 246, 246)
_BLACK_KEYS: Final = (1, 3, 6, 8, 10)
_VOICES: Final = {pitch: voice for voice, pitch in reversed(DRUM_VOICES.items())}


def draw_song(piece: Piece) -> Canvas:
    """The picture, sixteen bars a row."""
    assert piece.score is not None
    drums = sorted({note.pitch for note in piece.score.notes if note.part == "drums"}, reverse=True)
    rows = -(-piece.harmony.bars // BARS_A_ROW)
    height = _row_height(drums)
    bars = min(BARS_A_ROW, piece.harmony.bars)
    canvas = Canvas(MARGIN + bars * BAR_WIDTH + 8, rows * height)
    for row in range(rows):
        _draw_row(canvas, piece, row, row * height, drums)
    return canvas


def _row_height(drums: list[int]) -> int:
    return 3 * LETTER_HEIGHT * LETTER + (HIGHEST - LOWEST + 1) * PITCH_HEIGHT + 8 + len(drums) * VOICE_HEIGHT + 12


def _draw_row(canvas: Canvas, piece: Piece, row: int, top: int, drums: list[int]) -> None:
    meter = piece.style.meter
    first = row * BARS_A_ROW
    bars = min(BARS_A_ROW, piece.harmony.bars - first)
    head = top + 3 * LETTER_HEIGHT * LETTER
    foot = head + (HIGHEST - LOWEST + 1) * PITCH_HEIGHT + 8
    width = bars * BAR_WIDTH

    def x(tick: float) -> float:
        return MARGIN + (tick / meter.bar_ticks - first) * BAR_WIDTH

    for pitch in range(LOWEST, HIGHEST + 1):
        if pitch % 12 in _BLACK_KEYS:
            canvas.box(MARGIN, head + (HIGHEST - pitch) * PITCH_HEIGHT, width, PITCH_HEIGHT, _BLACK)
    bottom = foot + len(drums) * VOICE_HEIGHT
    for beat in range(bars * meter.beats_per_bar + 1):
        colour = _BAR_LINE if beat % meter.beats_per_bar == 0 else _BEAT_LINE
        canvas.box(x(meter.start_of_beat(first * meter.beats_per_bar + beat)), head, 1, bottom - head, colour)
    _draw_words(canvas, piece, first, bars, top)
    for place, pitch in enumerate(drums):
        canvas.words(4, foot + place * VOICE_HEIGHT, _VOICES.get(pitch, str(pitch)), scale=LETTER)
    _draw_notes(canvas, piece, (first, first + bars), (head, foot), drums)


def _draw_words(canvas: Canvas, piece: Piece, first: int, bars: int, top: int) -> None:
    meter, line = piece.style.meter, LETTER_HEIGHT * LETTER

    def x(beat: int) -> float:
        return MARGIN + (beat / meter.beats_per_bar - first) * BAR_WIDTH

    if first == 0:
        words = f"{piece.title}  {piece.style.name}  {piece.tempo:g}  {meter}  seed {piece.seed}"
        canvas.words(MARGIN, top + 2, words, scale=LETTER)
    for section in piece.harmony.sections:
        if first <= section.first_bar < first + bars:
            canvas.words(
                x(section.first_bar * meter.beats_per_bar), top + line + 1, section.name, COLOURS["bass"], LETTER
            )
    for change in piece.harmony.changes:
        if first <= change.beat / meter.beats_per_bar < first + bars:
            canvas.words(x(change.beat), top + 2 * line, chord_name(change.chord, piece.harmony.key), scale=LETTER)
    for place, (part, colour) in enumerate(COLOURS.items()):
        canvas.words(4, top + (place + 4) * line, part.replace("solo", "melody"), colour, LETTER)


def _draw_notes(canvas: Canvas, piece: Piece, bars: tuple[int, int], edges: tuple[int, int], drums: list[int]) -> None:
    assert piece.score is not None
    bar_ticks, (head, foot) = piece.style.meter.bar_ticks, edges
    for part in (*COLOURS, "drums"):
        for note in piece.score.notes:
            if note.part != part or not bars[0] <= note.start / bar_ticks < bars[1]:
                continue
            left = MARGIN + (note.start / bar_ticks - bars[0]) * BAR_WIDTH
            wide = (note.end - note.start) / bar_ticks * BAR_WIDTH
            if part == "drums":
                shade = 200 - round(note.velocity / 127 * 6) * 30
                y = foot + drums.index(note.pitch) * VOICE_HEIGHT
                canvas.box(left, y, 4, VOICE_HEIGHT - 2, (shade, shade, shade))
            else:
                y = head + (HIGHEST - note.pitch) * PITCH_HEIGHT
                canvas.box(left, y, max(2, wide - 1), PITCH_HEIGHT - 1, COLOURS[part])
