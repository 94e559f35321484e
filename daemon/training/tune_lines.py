"""Reads the tunes that teach: JSON lines, plain or gzipped, as bytes and as objects, with the source of each."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def lines_of(path: Path) -> Iterator[bytes]:
    """The lines of a file that are not blank."""
    opener: Any = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rb") as file:
        yield from (line for line in file if line.strip())


def tunes_of(path: Path) -> Iterator[tuple[dict[str, Any], bytes]]:
    """The lines that are JSON objects, as such and as they stand; others are left out."""
    for line in lines_of(path):
        try:
            facts = json.loads(line)
        except ValueError:
            continue
        if isinstance(facts, dict):
            yield facts, line


def source_of(path: Path, facts: dict[str, Any]) -> str:
    """Which collection a tune is from, and under which licence, for model cards."""
    return f"{path.name.split('.')[0]} ({facts.get('licence', 'licence unknown')})"
