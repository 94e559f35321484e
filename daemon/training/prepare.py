"""`sideman prepare`: folders of MIDI files, sessions and tunes to what phrase models learn from, a row a line.

Rules. Files are read on all cores, one at a time each, and nothing of them is kept but a few bytes: a corpus may be of
any size. A piece that is another's in a different key is left out. A piece is for learning or for judging with all its
rows. A file that cannot be read is named, skipped and counted. The same files give the same bytes.
"""

import argparse
import hashlib
import json
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, Final

from daemon.config import ConfigError
from daemon.console import Console
from daemon.models.phrase_key import KeyGuess
from daemon.models.phrase_lines import Line, written
from daemon.training.phrase_sources import BadSource, lines_from, sources_in
from realtime.core.phrase_words import EOS, STYLES, WORDS, prefix, transposed

ROW_WORDS: Final = 256
LEAST_WORDS: Final = 24
"""What is left of a piece, when it is cut into rows, teaches nothing if it is shorter."""

INFO_NAME: Final = "dataset_info.json"
SCHEMA: Final = 1
MOST_NAMED: Final = 1000
"""So many skipped files are named; all are counted."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A melody as rows of words, in C first, and what tells it from others."""

    digest: bytes
    notes: int
    rows: tuple[tuple[str, ...], ...]
    """Rows by key."""


@dataclass(slots=True)
class Found:
    """What a corpus held."""

    files: int = 0
    skipped: int = 0
    duplicates: int = 0
    problems: list[str] = field(default_factory=list)
    digests: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    """Of each piece where it lies in the spool."""
    notes: int = 0


def check(arguments: argparse.Namespace) -> None:
    """Raises `ConfigError` with everything that is wrong with the words."""
    problems = []
    if not arguments.input.is_dir():
        problems.append(f"--input {arguments.input}: must be a folder of MIDI files or sessions")
    if not 0.0 < arguments.val_split < 1.0:
        problems.append(f"--val-split: must be more than 0 and less than 1, but was {arguments.val_split:g}")
    if not 1 <= arguments.keys <= 12:
        problems.append(f"--keys: must be 1 to 12, but was {arguments.keys}")
    if arguments.genre not in STYLES:
        problems.append(f"--genre: must be one of {', '.join(STYLES)}, but was {arguments.genre:.40}")
    if arguments.jobs is not None and arguments.jobs < 1:
        problems.append(f"--jobs: must be 1 or more, but was {arguments.jobs}")
    if problems:
        raise ConfigError(problems)


def prepare(arguments: argparse.Namespace, console: Console) -> int:
    """Prepares; returns the exit code: 1 where nothing was found to learn from.

    Raises:
        ConfigError: the words are wrong, or the output folder is not to be had.
    """
    check(arguments)
    jobs = arguments.jobs or os.cpu_count() or 1
    try:
        arguments.output.mkdir(parents=True, exist_ok=True)
        info = make_data_set(
            arguments.input,
            arguments.output,
            style=arguments.genre,
            val_split=arguments.val_split,
            keys=arguments.keys,
            jobs=jobs,
        )
    except OSError as error:
        raise ConfigError([f"--output {arguments.output}: {error.strerror or error}"]) from None
    for problem in info["problems"]:
        console.say(f"skipped: {problem}")
    lines = [
        f"{info['files']} files: {info['train']['pieces']} pieces to learn from, {info['val']['pieces']} to judge by",
        f"  {info['skipped']} skipped, {info['duplicates']} pieces that were there already",
        f"  {arguments.output}: train.jsonl {info['train']['rows']} rows, val.jsonl {info['val']['rows']} rows",
    ]
    console.result({"ok": bool(info["train"]["rows"]), **info}, lines)
    return 0 if info["train"]["rows"] else 1


def make_data_set(source: Path, output: Path, *, style: str, val_split: float, keys: int, jobs: int) -> dict[str, Any]:
    """Reads `source`, writes `output`, returns what `dataset_info.json` says."""
    found, spool = Found(), output / "spool.part"
    try:
        with spool.open("w+b") as file:
            for path, outcome in _read(source, style, keys, jobs):
                _take(path.relative_to(source), outcome, found, file)
            order = sorted(found.digests)
            # The digests are as good as drawn by lot, and the same in another folder.
            aside = set(order[: max(1, round(len(order) * val_split))]) if len(order) > 1 else set()
            counts = {
                "train": _write(output / "train.jsonl", file, [found.digests[d] for d in order if d not in aside]),
                "val": _write(output / "val.jsonl", file, [found.digests[d] for d in order if d in aside], 1),
            }
        (output / "valid.jsonl").write_bytes((output / "val.jsonl").read_bytes())
    finally:
        spool.unlink(missing_ok=True)
    info = {
        "sideman_dataset": SCHEMA,
        "words": vocabulary_hash(),
        "genre": style,
        "keys": keys,
        "val_split": val_split,
        "files": found.files,
        "skipped": found.skipped,
        "duplicates": found.duplicates,
        "notes": found.notes,
        "problems": found.problems,
        **counts,
    }
    (output / INFO_NAME).write_text(json.dumps(info, indent=1) + "\n", encoding="utf-8")
    return info


def vocabulary_hash() -> str:
    """What identifies the words: rows mean the same as long as this is the same."""
    return hashlib.sha256(" ".join(WORDS).encode()).hexdigest()[:16]


def _read(source: Path, style: str, keys: int, jobs: int) -> Iterator[tuple[Path, list[Piece] | str]]:
    """Every file's pieces, or what is wrong with it, in the files' order."""
    tasks = ((path, style, keys) for path in sources_in(source))
    if jobs == 1:
        yield from map(_pieces, tasks)
        return
    with multiprocessing.get_context("spawn").Pool(jobs, maxtasksperchild=500) as pool:
        yield from pool.imap(_pieces, tasks, chunksize=4)


def _pieces(task: tuple[Path, str, int]) -> tuple[Path, list[Piece] | str]:
    path, style, keys = task
    try:
        return path, [_piece(line, keys) for line in lines_from(path, style)]
    except BadSource as problem:
        return path, str(problem).removeprefix(f"{path}: ")
    except Exception as problem:
        return path, f"{type(problem).__name__}: {problem}"


def _piece(line: Line, keys: int) -> Piece:
    moves = [(b.pitch - a.pitch, b.onset - a.onset, a.duration) for a, b in pairwise(line.notes)]
    digest = hashlib.sha256(repr(moves).encode()).digest()[:16]
    home = line.shift if line.shift is not None else _shift(line)
    # In C first, then in keys that the piece itself draws.
    others = sorted(
        (s for s in range(-6, 6) if s != home), key=lambda s: hashlib.sha256(digest + bytes([s + 6])).digest()
    )
    rows = tuple(tuple(rows_of(line, shift)) for shift in [home, *others[: keys - 1]])
    return Piece(digest, len(line.notes), rows)


def _shift(line: Line) -> int:
    key = KeyGuess()
    for note in line.notes:
        key.note(note.pitch, note.duration)
    for _, token in line.chords:
        key.chord(token)
    return key.shift


def rows_of(line: Line, shift: int) -> Iterator[str]:
    """The line in rows of `ROW_WORDS` words at most, each from the beginning of a bar, behind the prefix."""
    words = written(line)
    ids = [*(transposed(number, shift) for number in words.ids), EOS]
    head = prefix(line.style, words.quarters, triple=line.triple)
    room = ROW_WORDS - len(head)
    start = 0
    while start < len(ids):
        end = min(len(ids), start + room)
        if end < len(ids):
            end = max((bar for bar in words.starts if start < bar <= end), default=end)
        if end - start >= LEAST_WORDS or start == 0:
            yield " ".join(WORDS[number] for number in [*head, *ids[start:end]])
        start = end


def _take(path: Path, outcome: list[Piece] | str, found: Found, spool: BinaryIO) -> None:
    found.files += 1
    if isinstance(outcome, str):
        found.skipped += 1
        if len(found.problems) < MOST_NAMED:
            found.problems.append(f"{path}: {outcome}")
        return
    for piece in outcome:
        if piece.digest in found.digests:
            found.duplicates += 1
            continue
        data = json.dumps(piece.rows).encode() + b"\n"
        found.digests[piece.digest] = (spool.tell(), len(data))
        found.notes += piece.notes
        spool.write(data)


def _write(path: Path, spool: BinaryIO, places: Sequence[tuple[int, int]], keys: int | None = None) -> dict[str, int]:
    """Writes the rows of the pieces at `places`, in the first `keys` keys; how many pieces and rows that are."""
    rows = 0
    with path.open("w", encoding="utf-8") as file:
        for offset, length in places:
            spool.seek(offset)
            for in_key in json.loads(spool.read(length))[:keys]:
                for row in in_key:
                    file.write(json.dumps({"text": row}) + "\n")
                    rows += 1
    return {"pieces": len(places), "rows": rows}
