"""musiclang-predict, in an environment and a process of its own: parts over given chords, or chords of its own."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import platformdirs

from daemon.chart_symbols import symbol
from daemon.models.child import ModelChild, ModelError, ModelGone
from daemon.models.qwen import Whereabouts, hub_cache
from realtime.core.chord import BadChord, Chord
from realtime.core.units import PITCH_CLASS_NAMES_FLAT

REPOSITORY: Final = "musiclang/musiclang-v2"
LOADING_SECONDS: Final = 60.0
MEMORY_BYTES: Final = 4 << 30
MOST_NOTES: Final = 20_000
WORKER: Final = Path(__file__).with_name("musiclang_worker.py")

_QUALITIES: Final = {
    "": "M", "m": "m", "7": "7", "maj7": "M7", "m7": "m7", "m7b5": "m7b5", "dim": "dim", "dim7": "dim0",
    "sus2": "sus2", "sus4": "sus4",
}  # fmt: skip
_FAMILIES: Final = {"maj": "M", "min": "m", "dom": "7", "dim": "dim", "sus": "sus4"}


@dataclass(frozen=True, slots=True)
class PartNote:
    """A note of a part: its instrument, MIDI pitch and velocity; start and length in beats."""

    part: str
    pitch: int
    start_beats: float
    length_beats: float
    velocity: int


@dataclass(frozen=True, slots=True)
class Parts:
    """What the model wrote: chords, how many beats each lasts, and notes; `unread` chords we have no name for."""

    chords: tuple[Chord, ...]
    beats: tuple[float, ...]
    notes: tuple[PartNote, ...]
    unread: tuple[str, ...] = ()


def environment_folder() -> Path:
    """Where `sideman models install musiclang` makes its environment."""
    return Path(platformdirs.user_data_dir("sideman")) / "musiclang"


def environment_python(named: str = "") -> Path:
    """The Python that has musiclang-predict: the one named, as a path or a folder, or that of our own folder."""
    place = Path(named).expanduser() if named else environment_folder()
    return place / "bin" / "python" if place.is_dir() else place


def find_musiclang(named: str = "") -> Whereabouts:
    """The environment's Python if it and the weights are there, or what is missing."""
    python = environment_python(named)
    if not os.access(python, os.X_OK):
        return Whereabouts(None, f"no environment at {python.parent.parent}", "sideman models install musiclang")
    weights = list((hub_cache() / f"models--{REPOSITORY.replace('/', '--')}" / "snapshots").glob("*/model.bin"))
    if not weights:
        return Whereabouts(None, f"no weights of {REPOSITORY} in {hub_cache()}", f"hf download {REPOSITORY}")
    return Whereabouts(python, f"{python}, {weights[-1].parent}")


def musiclang_name(chord: Chord) -> str:
    """The nearest chord that musiclang has a name for; it has none for basses and colours."""
    quality = _QUALITIES.get(chord.quality) or _FAMILIES[chord.family]
    return PITCH_CLASS_NAMES_FLAT[chord.root] + quality


def read_name(name: str) -> Chord | None:
    """The chord that musiclang's name stands for.

    Raises:
        BadChord: we know none of that name.
    """
    return symbol(name.replace("dim0", "dim7"))


@dataclass(slots=True)
class MusicLang:
    """The model behind a child process. Every method answers in time or raises `ModelError`."""

    python: Path
    memory_bytes: int = MEMORY_BYTES
    _child: ModelChild = field(init=False)

    def __post_init__(self) -> None:
        environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
        environment.pop("PYTHONPATH", None)  # ours has nothing to do there
        command = [str(self.python), "-I", str(WORKER)]  # -I: the script stands beside a musiclang.py of ours
        self._child = ModelChild(command, name="musiclang", environment=environment, memory_bytes=self.memory_bytes)

    def wake(self, timeout_seconds: float = LOADING_SECONDS) -> None:
        """Loads the model, so that the next request does not wait for it."""
        self._child.ask({"op": "hello"}, timeout_seconds)

    def parts(self, chords: Sequence[Chord], *, beats: int = 4, seed: int = 1, timeout_seconds: float) -> Parts:
        """Parts over these chords, each of which lasts a bar of `beats`.

        Raises:
            ModelError: there are none in time, or what came is not music.
        """
        names = [musiclang_name(chord) for chord in chords]
        return self._ask({"op": "parts", "chords": names, "beats": beats, "seed": seed}, timeout_seconds)

    def chords(self, count: int, *, seed: int = 1, timeout_seconds: float) -> Parts:
        """So many chords of its own, with parts.

        Raises:
            ModelError: there are none in time, or what came is not music.
        """
        return self._ask({"op": "chords", "count": count, "seed": seed}, timeout_seconds)

    def close(self) -> None:
        """Ends the process."""
        self._child.close()

    def _ask(self, request: dict[str, Any], timeout_seconds: float) -> Parts:
        if not self._child.is_running:
            self.wake()
        return read_parts(self._child.ask(request, timeout_seconds))


def read_parts(answer: dict[str, Any]) -> Parts:
    """The music in an answer; notes that are none are left out.

    Raises:
        ModelGone: it has not the shape of an answer, or too many notes.
    """
    try:
        names, beats = [str(name) for name in answer["chords"]], [float(length) for length in answer["beats"]]
        notes = [_note(*row) for row in answer["notes"][: MOST_NOTES + 1]]
    except (KeyError, TypeError, ValueError) as error:
        raise ModelGone(f"musiclang: its answer is not music: {error}"[:200]) from error
    if len(notes) > MOST_NOTES or len(names) != len(beats):
        raise ModelGone(f"musiclang: {len(notes)} notes and {len(names)} chords; at most {MOST_NOTES} notes are read")
    chords, lengths, unread = [], [], []
    for name, length in zip(names, beats, strict=True):
        try:
            chord = read_name(name)
        except BadChord:
            chord = None
        if chord is None:
            unread.append(name)
        else:
            chords.append(chord)
            lengths.append(length)
    good = tuple(note for note in notes if note is not None)
    return Parts(tuple(chords), tuple(lengths), good, tuple(unread))


def _note(part: object, pitch: int, start: float, length: float, velocity: int) -> PartNote | None:
    fits = 0 <= int(pitch) <= 127 and 0 <= float(start) < 1e5 and 0 < float(length) < 1e4 and 0 < int(velocity) <= 127
    return PartNote(str(part)[:64], int(pitch), float(start), float(length), int(velocity)) if fits else None


__all__ = ["ModelError", "MusicLang", "PartNote", "Parts", "find_musiclang", "read_parts"]
