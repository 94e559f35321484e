"""The knowledge base: entries on harmony, found by id or by words, in SQLite's full-text index held in memory."""

import re
import sqlite3
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final

MOST_RESULTS: Final = 20
_WORD: Final = re.compile(r"[\w#°ø+]+")
_FOUND_BY: Final = "SELECT id FROM entries WHERE entries MATCH ? ORDER BY bm25(entries, 0.0, 4.0, 3.0, 1.0) LIMIT ?"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing worth knowing: `id` names it, `text` says it in a few sentences."""

    id: str
    title: str
    about: str
    text: str


class Knowledge:
    """Entries with a full-text index (FTS5; Robertson and Zaragoza 2009 for its ranking, BM25)."""

    def __init__(self, entries: list[Entry]) -> None:
        self.entries: Final = {entry.id: entry for entry in entries}
        self._index = sqlite3.connect(":memory:", check_same_thread=False)
        self._index.execute("CREATE VIRTUAL TABLE entries USING fts5(id UNINDEXED, title, about, text)")
        rows = [(entry.id, entry.title, entry.about, entry.text) for entry in entries]
        self._index.executemany("INSERT INTO entries VALUES (?, ?, ?, ?)", rows)

    def entry(self, name: str) -> Entry:
        """The entry with this id.

        Raises:
            KeyError: there is none.
        """
        return self.entries[name]

    def search(self, question: str, limit: int = 5) -> list[Entry]:
        """The entries nearest to any of the words asked, the best first; at most `MOST_RESULTS`."""
        words = _WORD.findall(question)
        if not words:
            return []
        wanted = " OR ".join(f'"{word}"' for word in words[:64])
        rows = self._index.execute(_FOUND_BY, (wanted, max(1, min(limit, MOST_RESULTS)))).fetchall()
        return [self.entries[name] for (name,) in rows]


@lru_cache(maxsize=1)
def bundled() -> Knowledge:
    """The knowledge that comes with sideman."""
    table = tomllib.loads(files("daemon.theory").joinpath("knowledge.toml").read_text("utf-8"))
    return Knowledge([Entry(**entry) for entry in table["entry"]])
