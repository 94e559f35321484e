"""Makes a piece: chords, melody, band, MIDI, tokens, theory and audio, one stage after the other."""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from daemon.config import ModelsConfig
from daemon.song.arranging import Source, reharmonised
from daemon.song.backends import Backend, backend_named
from daemon.song.band import Band, only
from daemon.song.continuation import Before, key_of
from daemon.song.genre import genre_of
from daemon.song.given import given_chart, given_harmony
from daemon.song.harmony import Harmony, HarmonyOrder, compose_harmony
from daemon.song.key import key_named
from daemon.song.melody import Melodist, Melody
from daemon.song.midi import midi_bytes
from daemon.song.piece import STAGES, Piece
from daemon.song.request import LONGEST_SECONDS, MAX_SEED, BadRequest, Fault, SongRequest, read_request
from daemon.song.score import Score, SongNote, Tempi, without_overlaps
from daemon.song.style_choice import choose_style
from daemon.song.theory_section import read_harmony
from daemon.song.voicing import voice_chords
from daemon.styles_folder import StyleShelf, load_styles
from daemon.weights_folder import load_weights
from realtime.core.chance import Chance
from realtime.core.chart import Chart
from realtime.core.chord import Chord
from realtime.core.events import Part
from realtime.core.meter import Meter
from realtime.core.sound_table import INSTRUMENT_OF_PART
from realtime.core.style import Style
from realtime.core.units import TICKS_PER_QUARTER, clamp
from realtime.core.weights import Tensors

USUAL_BARS: Final = 8
CHORD_VELOCITY: Final = 74
SONG_NAME, TOKENS_NAME, CHART_NAME, DESCRIPTION_NAME = "song.mid", "tokens.jsonl", "chart.txt", "song.json"

Progress = Callable[[str, float], None]
"""Told the stage that begins, and the share of the work that is done."""


def _silent(stage: str, share: float) -> None:
    """Tells nobody."""


@cache
def oracle_tables() -> Tensors:
    """What chords do in general, read once."""
    return load_weights().oracle


@dataclass(slots=True)
class Studio:
    """Makes pieces with one shelf of styles."""

    shelf: StyleShelf
    progress: Progress = _silent
    models: ModelsConfig = field(default_factory=ModelsConfig)
    """Where the large models are, for the backends that are some."""
    clock: Callable[[], float] = time.perf_counter
    """What stages are timed by, in seconds."""
    _seconds: dict[str, float] = field(default_factory=dict)

    def read(self, content: Mapping[str, object]) -> SongRequest:
        """The request in a mapping.

        Raises:
            BadRequest: naming everything that is wrong.
        """
        return read_request(content, tuple(self.shelf.styles))

    def make(
        self,
        request: SongRequest,
        folder: Path | None = None,
        before: Before | None = None,
        source: Source | None = None,
    ) -> Piece:
        """The piece; its files go to `folder`, if there is one: without, neither MIDI nor tokens nor audio are made.

        It goes on from `before`, if that is given, which then is its beginning; or it is an arrangement of `source`.

        Raises:
            OSError: the folder cannot be written.
            EngineUnavailable: audio is asked for, and the engine is not built.
        """
        self._seconds = {}
        backend = backend_named(request.backend, self.models)
        try:
            piece = self._chords(request, before, source, backend)
            self._compose(piece, source, backend)
        finally:
            backend.close()
        piece.notes += backend.remarks
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            self._write(piece, folder)
        if folder is not None and request.synthesize_audio:
            with self._stage("audio"):
                self._render(piece, folder)
        piece.seconds = {**self._seconds, "total": round(sum(self._seconds.values()), 4)}
        if folder is not None:
            piece.files["description"] = DESCRIPTION_NAME
            (folder / DESCRIPTION_NAME).write_bytes(msgspec.json.format(msgspec.json.encode(piece.description())))
        self.progress("done", 1.0)
        return piece

    def _chords(self, request: SongRequest, before: Before | None, source: Source | None, backend: Backend) -> Piece:
        """Style, tempo, chords and voicings: the piece before anybody has played."""
        genre = genre_of(request.genre)
        style = choose_style(request.style, request.genre, request.meter, self.shelf.styles)
        seed = secrets.randbelow(MAX_SEED + 1) if request.seed is None else request.seed
        tempo = request.tempo or round(style.default_tempo_bpm)
        with self._stage("chords"):
            if source is not None:
                harmony = reharmonised(source, genre, request.complexity, seed, request.form or "period")
            else:
                theirs = None if request.chords else self._theirs(request, style, seed, backend)
                harmony = theirs or self._harmony(request, style, seed, before.changes if before else ())
            voicings = voice_chords(harmony.changes, harmony.key)
        _check_length(request, harmony.bars, style.meter, tempo)
        with self._stage("theory"):
            analysis = read_harmony(harmony, voicings)
        chosen: dict[Part, str] = {**INSTRUMENT_OF_PART, **genre.instruments}  # type: ignore[dict-item]
        if style.kit == "brushes":
            chosen["drums"] = "brush_kit"
        return Piece(request, style, tempo, seed, harmony, voicings, analysis, chosen, before=before)

    # ---------------------------------------------------------------------------------------- the stages

    @contextmanager
    def _stage(self, name: str) -> Iterator[None]:
        self.progress(name, STAGES.index(name) / len(STAGES))
        began = self.clock()
        yield
        self._seconds[name] = round(self.clock() - began, 4)

    def _harmony(self, request: SongRequest, style: Style, seed: int, heard: tuple[Chord, ...]) -> Harmony:
        key, genre = key_named(request.key), genre_of(request.genre)
        per_bar = style.meter.beats_per_bar
        if request.chords is not None:
            return given_harmony(given_chart(request.chords, key, per_bar), key, request.bars, request.form or "period")
        bars = request.bars or USUAL_BARS
        form = request.form or (genre.form if bars >= 12 or genre.form in ("blues", "loop", "hymn") else "period")
        order = HarmonyOrder(genre, key, bars, per_bar, request.complexity, form, seed, heard)
        return compose_harmony(order, oracle_tables())

    def _theirs(self, request: SongRequest, style: Style, seed: int, backend: Backend) -> Harmony | None:
        """The chords of a model that makes some, in the key they are in."""
        bars, per_bar = request.bars or USUAL_BARS, style.meter.beats_per_bar
        beats = backend.chords(bars, per_bar, seed)
        if beats is None:
            return None
        return given_harmony(Chart(tuple(beats), per_bar), key_of(beats), bars, request.form or "period")

    def _compose(self, piece: Piece, source: Source | None, backend: Backend) -> None:
        request, genre = piece.request, genre_of(piece.request.genre)
        melody = Melody((), ())
        if source is not None:
            melody = piece.melody = source.melody
        elif request.include_melody:
            with self._stage("melody"):
                theirs = backend.melody(piece.harmony, piece.style.meter, request.genre, piece.tempo)
                ours = Melodist(
                    piece.harmony, piece.style, genre, request.complexity, Chance(piece.seed), backend.phraser
                )
                melody = piece.melody = theirs or ours.compose()
        with self._stage("band"):
            if request.include_band:
                played = Band(piece.harmony, piece.style, genre, request.complexity, piece.seed, melody).play()
                piece.band = only(played, chords=request.include_chords)
            piece.score = _score(piece, melody)

    def _write(self, piece: Piece, folder: Path) -> None:
        assert piece.score is not None
        with self._stage("midi"):
            data = midi_bytes(piece.score.played(), piece.labels(), piece.instruments)
            (folder / SONG_NAME).write_bytes(data)
            (folder / CHART_NAME).write_text(piece.chart, "utf-8")
            piece.files |= {"midi": SONG_NAME, "chart": CHART_NAME}
        with self._stage("tokens"):
            from daemon.song.tokens import token_lines  # noqa: PLC0415 - MidiTok takes half a second

            data, piece.token_count = token_lines(piece.score)
            (folder / TOKENS_NAME).write_bytes(data)
            piece.files["tokens"] = TOKENS_NAME

    def _render(self, piece: Piece, folder: Path) -> None:
        from daemon.song.audio import render  # noqa: PLC0415 - the engine only where it is heard

        assert piece.score is not None
        request, name = piece.request, f"song.{piece.request.audio_format}"
        report = render(piece.score.played(), piece.instruments, request.reverb, folder / name, gpu=request.use_gpu)
        piece.files["audio"] = name
        piece.audio = asdict(report)
        piece.notes += [report.note] if report.note else []


def _check_length(request: SongRequest, bars: int, meter: Meter, tempo: float) -> None:
    """Raises `BadRequest` if there would be more audio than is made."""
    seconds = bars * meter.bar_ticks / TICKS_PER_QUARTER * 60 / tempo
    if request.synthesize_audio and seconds > LONGEST_SECONDS:
        most = int(LONGEST_SECONDS / seconds * bars)
        allowed = f"at most {most} at {tempo:g} quarters a minute, or synthesize_audio false"
        raise BadRequest([Fault("bars", bars, allowed)])


def _score(piece: Piece, melody: Melody) -> Score:
    """Everybody's notes. Where no band plays, a piano plays the chords as they are voiced."""
    notes: list[SongNote] = list(melody.notes)
    slowing: tuple[tuple[int, float], ...] = ()
    if piece.band is not None:
        notes += piece.band.notes
        slowing = piece.band.slowing
    elif piece.request.include_chords:
        notes += _block_chords(piece)
    meter, tempo, offset = piece.style.meter, piece.tempo, piece.offset_ticks
    if piece.before is not None:
        notes = [replace(note, start=note.start + offset, end=note.end + offset) for note in notes]
        notes += piece.before.notes
    tempi = ((0, tempo), *((tick + offset, round(clamp(tempo * share, 20, 400), 3)) for tick, share in slowing))
    return Score(tuple(without_overlaps(notes)), meter, Tempi(tempi), piece.first_bar + piece.harmony.bars)


def _block_chords(piece: Piece) -> Iterator[SongNote]:
    """Each change struck where it begins, and again at every bar line."""
    meter = piece.style.meter
    for voiced in piece.voicings:
        change = voiced.change
        starts = [b for b in range(change.beat, change.beat + change.beats)
                  if b == change.beat or b % meter.beats_per_bar == 0]  # fmt: skip
        for begin, end in zip(starts, [*starts[1:], change.beat + change.beats], strict=True):
            on, off = meter.start_of_beat(begin), meter.start_of_beat(end)
            for pitch in voiced.pitches:
                yield SongNote("player", pitch, CHORD_VELOCITY, on, off - meter.beat_ticks // 16)


def generate(request: Mapping[str, object] | SongRequest, folder: Path | None = None) -> Piece:
    """A whole piece from a request, a mapping of the fields of `SongRequest`; files go to `folder`, if given.

    Raises:
        BadRequest: naming every field that is wrong, its value and what is allowed.
        OSError: the folder cannot be written.
    """
    studio = Studio(usual_shelf())
    return studio.make(request if isinstance(request, SongRequest) else studio.read(request), folder)


@cache
def usual_shelf() -> StyleShelf:
    """The styles that come with sideman, read once."""
    return load_styles()
