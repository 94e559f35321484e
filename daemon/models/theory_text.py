"""Theory told by a language model: asked with the analysis and entries of the knowledge base, and held to them.

What the model writes is kept only if every chord and numeral it names is in the analysis or in an entry it was given,
and every entry it quotes was given; otherwise the template's words stand (retrieval-augmented generation, Lewis et al.
2020, with a check).
"""

import re
from typing import Final

from daemon.theory.analysis import Analysis
from daemon.theory.explain import explain

MOST_ENTRIES: Final = 8
LONGEST: Final = 4_000
_QUOTE: Final = re.compile(r"\[([a-z][a-z0-9-]+)\]")
_CHORD: Final = re.compile(r"\b[A-G][#b]?(?:maj|m|dim|aug|sus|add|\d|b\d|#\d|/[A-G])[\w#/]*")


class BadTheory(ValueError):
    """An answer that says nothing of the progression, or claims what the analysis does not support."""


def messages_for(analysis: Analysis, question: str = "") -> list[dict[str, str]]:
    """The chat that asks for an explanation of `analysis`."""
    explanation = explain(analysis, question)
    facts = "\n".join(f"- {sentence.text}" for sentence in explanation.sentences)
    notes = "\n".join(f"[{entry.id}] {entry.title}: {entry.text}" for entry in explanation.entries[:MOST_ENTRIES])
    system = (
        "You explain harmony to a musician in at most eight sentences. Say only what the facts say; name no chord that "
        "is not in them. Quote the notes you draw on by their id in square brackets."
    )
    asked = f"\nQuestion: {question}" if question else ""
    return [
        {"role": "system", "content": system},
        {"role": "user", "content": f"Facts:\n{facts}\n\nNotes:\n{notes}{asked}"},
    ]


def checked(text: str, analysis: Analysis, question: str = "") -> tuple[str, list[str]]:
    """The answer and the ids it quotes, if it stays with what it was given.

    Raises:
        BadTheory: it is empty or overlong, names a chord that is not there, or quotes what it was not given.
    """
    text = text.strip()
    if not 0 < len(text) <= LONGEST:
        raise BadTheory(f"an explanation has 1 to {LONGEST} characters, but this has {len(text)}")
    given = explain(analysis, question).entries[:MOST_ENTRIES]
    quoted = list(dict.fromkeys(_QUOTE.findall(text)))
    unknown = [name for name in quoted if name not in {entry.id for entry in given}]
    if unknown:
        raise BadTheory(f"it quotes {unknown[0]!r}, which it was not given")
    allowed = {read.step.chord.name(flats=flats) for read in analysis.chords for flats in (True, False)}
    allowed |= {read.step.text for read in analysis.chords}
    words = " ".join(entry.text for entry in given)
    named = _CHORD.findall(text)
    strange = [name for name in named if name not in allowed and name not in words]
    if strange:
        raise BadTheory(f"it names {strange[0]!r}, which is not in the progression")
    if not quoted and not any(name in allowed for name in named):
        raise BadTheory("it neither names a chord of the progression nor quotes a note")
    return text, quoted
