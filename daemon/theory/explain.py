"""An explanation in plain words. Every sentence rests on a part of the analysis; the entries it draws on are quoted."""

from dataclasses import asdict, dataclass
from typing import Any, Final

from daemon.theory.analysis import Analysis
from daemon.theory.knowledge import Entry, bundled
from daemon.theory.sentences import Sentence, sentences

MOST_FOUND: Final = 3
"""Entries that a question adds."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is said of a progression, and the entries of the knowledge base that explain its terms."""

    sentences: tuple[Sentence, ...]
    entries: tuple[Entry, ...]

    @property
    def text(self) -> str:
        """The sentences, and under them the entries used, each with its id in brackets."""
        said = "\n".join(sentence.text for sentence in self.sentences)
        notes = "\n".join(f"[{entry.id}] {entry.title}: {entry.text}" for entry in self.entries)
        return f"{said}\n\n{notes}" if notes else said

    def as_json(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "text": self.text,
            "sentences": [asdict(sentence) for sentence in self.sentences],
            "entries": [{"id": entry.id, "title": entry.title, "text": entry.text} for entry in self.entries],
        }


def explain(analysis: Analysis, question: str = "") -> Explanation:
    """What the analysis supports, and nothing else; a question adds the entries that are nearest to it."""
    said = tuple(sentences(analysis))
    knowledge = bundled()
    asked = [entry.id for entry in knowledge.search(question, MOST_FOUND)]
    used = dict.fromkeys([*asked, *(sentence.entry for sentence in said if sentence.entry is not None)])
    return Explanation(said, tuple(knowledge.entry(name) for name in used))
