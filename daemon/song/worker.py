"""The studio's own process: `python -m daemon.song.worker`, tasks in on stdin, news out on stdout, a JSON line each.

| in | `id`, `task` (one of `TASKS`), `content`, `folder` |
| out | `id` with `stage` and `share`; at last with `done` (the result lies in the folder), `faults` or `trouble` |

It goes last where there are too few cores, and ends when stdin does.
"""

import base64
import binascii
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from daemon.config_file import load, user_config_folder
from daemon.midi_file import MidiFileError
from daemon.song.arranging import arranged_as, read_source
from daemon.song.continuation import parse_before
from daemon.song.make import Studio
from daemon.song.predict import explain_chords, predict_chords
from daemon.song.request import BadRequest, Fault
from daemon.styles_folder import load_styles

POLITENESS: Final = 19
RESULT_NAME, ROLL_NAME = "result.json", "roll.json"

Say = Callable[[Mapping[str, Any]], None]


def generate(studio: Studio, content: dict[str, Any], folder: Path) -> dict[str, Any]:
    """A piece; `continue` may hold a MIDI file, in base 64, that it goes on from."""
    given = content.pop("continue", None)
    before = None if given is None else _from_midi(given, "continue", parse_before)
    if before is not None:
        content = {"key": before.key.name, "tempo": before.tempo, "meter": before.meter} | content
    piece = studio.make(studio.read(content), folder, before)
    return _kept(piece, folder)


def melody(studio: Studio, content: dict[str, Any], folder: Path) -> dict[str, Any]:
    """A melody alone, and the chords it is over."""
    alone = {"include_melody": True, "include_band": False, "include_chords": False, "synthesize_audio": False}
    return _kept(studio.make(studio.read(content | alone), folder), folder)


def arrange(studio: Studio, content: dict[str, Any], folder: Path) -> dict[str, Any]:
    """A piano piece for the band."""
    source = _from_midi(content.pop("midi", None), "midi", read_source)
    piece = studio.make(studio.read(content | arranged_as(source)), folder, source=source)
    return _kept(piece, folder)


def predict(studio: Studio, content: dict[str, Any], folder: Path) -> dict[str, Any]:
    """What comes next."""
    return predict_chords(content)


def explain(studio: Studio, content: dict[str, Any], folder: Path) -> dict[str, Any]:
    """A progression explained."""
    return explain_chords(content)


def tokenize(studio: Studio, content: dict[str, Any], folder: Path) -> dict[str, Any]:
    """A MIDI file as tokens."""
    from daemon.song.tokens import tokens_of_file  # noqa: PLC0415 - MidiTok takes half a second

    tokens: dict[str, Any] = _from_midi(content.pop("midi", None), "midi", tokens_of_file)
    return tokens


TASKS: Final[dict[str, Callable[[Studio, dict[str, Any], Path], dict[str, Any]]]] = {
    "generate": generate, "melody": melody, "arrange": arrange, "predict": predict, "explain": explain,
    "tokenize": tokenize,
}  # fmt: skip


def _from_midi(text: object, field: str, parse: Callable[[bytes], Any]) -> Any:  # noqa: ANN401 - whatever parse gives
    allowed = "a Standard MIDI File in base 64"
    try:
        return parse(base64.b64decode(str(text).encode(), validate=True))
    except (binascii.Error, ValueError) as problem:
        detail = f" (it {problem})" if isinstance(problem, MidiFileError) else ""
        raise BadRequest([Fault(field, str(text)[:40], allowed + detail)]) from None


def _kept(piece: Any, folder: Path) -> dict[str, Any]:  # noqa: ANN401 - a Piece
    """The description; the notes for the picture lie beside it."""
    roll = {"beats_per_bar": piece.style.meter.beats_per_bar, "bars": piece.first_bar + piece.harmony.bars}
    (folder / ROLL_NAME).write_bytes(msgspec.json.encode(roll | {"notes": piece.roll()}))
    description: dict[str, Any] = piece.description()
    return description


def work(line: bytes, studio: Studio, say: Say) -> None:
    """Does one task, and says what came of it. Never raises: the next one must not suffer."""
    task = msgspec.json.decode(line)
    name, folder = task["id"], Path(task["folder"])
    studio.progress = lambda stage, share: say({"id": name, "stage": stage, "share": round(share, 2)})
    try:
        folder.mkdir(parents=True, exist_ok=True)
        result = TASKS[task["task"]](studio, task["content"], folder)
        (folder / RESULT_NAME).write_bytes(msgspec.json.encode(result))
    except BadRequest as problem:
        faults = [{"field": f.field, "value": f.value, "allowed": f.allowed} for f in problem.faults]
        say({"id": name, "faults": faults})
    except Exception as problem:
        # Whatever it is, it is told to who asked, and the log has it.
        sys.excepthook(type(problem), problem, problem.__traceback__)
        say({"id": name, "trouble": f"{type(problem).__name__}: {problem}"[:400]})
    else:
        say({"id": name, "done": True})


def main() -> None:
    """Works until stdin ends."""
    os.nice(POLITENESS)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    config = load(None, [], os.environ)
    studio = Studio(load_styles(user_config_folder() / "styles"), models=config.models)

    def say(news: Mapping[str, Any]) -> None:
        sys.stdout.buffer.write(msgspec.json.encode(news) + b"\n")
        sys.stdout.buffer.flush()

    for line in sys.stdin.buffer:
        work(line, studio, say)


if __name__ == "__main__":
    main()
