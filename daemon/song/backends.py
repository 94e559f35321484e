"""Who composes: our own grammar and phrases, or a large model; what is not there, or fails, is ours, and it is told.

MusicLang is asked for chords, Qwen for the melody. Both run in processes of their own, with a time limit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from daemon.config import ModelsConfig
from daemon.models.child import ModelError
from daemon.models.melody_text import BadMelody, MelodyNote, MelodyOrder
from daemon.models.musiclang import MusicLang, find_musiclang
from daemon.models.qwen import Qwen, find_qwen, has_mlx
from daemon.models.qwen_adapter import BadAdapter, find_adapter
from daemon.song.harmony import Harmony
from daemon.song.melody import USUAL_RANGE, Melody
from daemon.song.score import SongNote
from realtime.core.chord import Chord
from realtime.core.meter import Meter
from realtime.core.solo.phrase import Phraser

MODEL_NAMES: Final = {
    "embedded": "grammar, oracle and phrases that come with sideman",
    "musiclang": "MusicLang, for chords",
    "qwen": "Qwen, for the melody",
}
CHORDS_SECONDS: Final = 60.0
MELODY_SECONDS: Final = 120.0
MELODY_VELOCITY: Final = 88


@dataclass(slots=True)
class Backend:
    """Who composes; `remarks` say what was done by us instead."""

    name: str
    remarks: list[str] = field(default_factory=list)
    phraser: Phraser | None = None
    """Who is asked for phrases before the rules are."""
    qwen: Qwen | None = None
    musiclang: MusicLang | None = None

    def chords(self, bars: int, beats_per_bar: int, seed: int) -> list[Chord] | None:
        """A chord for every beat; None where ours are wanted."""
        if self.musiclang is None:
            return None
        try:
            parts = self.musiclang.chords(bars, seed=seed % 2**31, timeout_seconds=CHORDS_SECONDS)
        except ModelError as problem:
            self.remarks.append(f"musiclang: {problem}; the chords are the embedded composer's")
            return None
        beats = [chord for chord, length in zip(parts.chords, parts.beats, strict=True) for _ in range(round(length))]
        if len(beats) < beats_per_bar:
            self.remarks.append("musiclang: gave no chords; they are the embedded composer's")
            return None
        return [beats[beat % len(beats)] for beat in range(bars * beats_per_bar)]

    def melody(self, harmony: Harmony, meter: Meter, genre: str, tempo: float) -> Melody | None:
        """A melody; None where ours is wanted."""
        if self.qwen is None:
            return None
        order = MelodyOrder(
            _bars(harmony), harmony.key, harmony.beats_per_bar, USUAL_RANGE.start, USUAL_RANGE.stop + 2, genre, tempo
        )
        try:
            notes = self.qwen.melody(order, timeout_seconds=MELODY_SECONDS)
        except (ModelError, BadMelody) as problem:
            self.remarks.append(f"qwen: {problem}; the melody is the embedded composer's")
            return None
        return Melody(tuple(_placed(notes, meter)), (0,))

    def close(self) -> None:
        """Ends the models' processes."""
        for model in (self.qwen, self.musiclang):
            if model is not None:
                model.close()


def _bars(harmony: Harmony) -> tuple[tuple[Chord | None, ...], ...]:
    per_bar = harmony.beats_per_bar
    beats = harmony.beats
    return tuple(tuple(beats[bar * per_bar : (bar + 1) * per_bar]) for bar in range(harmony.bars))


def _placed(notes: Sequence[MelodyNote], meter: Meter) -> list[SongNote]:
    step = meter.beat_ticks // 4
    return [
        SongNote("solo", note.pitch, MELODY_VELOCITY, note.start * step, (note.start + note.length) * step)
        for note in notes
    ]


def backend_named(name: str, models: ModelsConfig | None = None) -> Backend:
    """The backend of that name, or ours with a remark where it is not there."""
    named = models or ModelsConfig()
    if name == "qwen":
        found = find_qwen(named.qwen)
        if found.folder is not None and has_mlx():
            try:
                return Backend(name, qwen=Qwen(found.folder, adapter=find_adapter(named.qwen_adapter)))
            except BadAdapter as problem:
                remark = f"models.qwen_adapter: {problem}; qwen plays without it"
                return Backend(name, [remark], qwen=Qwen(found.folder))
        why = found.seen if found.folder is None else "mlx-lm is not installed"
    elif name == "musiclang":
        found = find_musiclang(named.musiclang)
        if found.folder is not None:
            return Backend(name, musiclang=MusicLang(found.folder))
        why = found.seen
    else:
        return Backend(name)
    return Backend("embedded", [f"{name}: {why}; the embedded composer did its work (sideman models list)"])


def backends(models: ModelsConfig | None = None) -> list[dict[str, object]]:
    """Every backend: its name, what it does, and whether it is there."""
    named = models or ModelsConfig()
    there = {
        "embedded": True,
        "musiclang": find_musiclang(named.musiclang).folder is not None,
        "qwen": find_qwen(named.qwen).folder is not None and has_mlx(),
    }
    return [{"name": name, "about": about, "available": there[name]} for name, about in MODEL_NAMES.items()]
