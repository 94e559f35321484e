"""`sideman theory`: a progression explained on the terminal, or as JSON."""

import argparse

from daemon.config import ConfigError
from daemon.console import Console
from daemon.theory.analysis import Analysis, analyse
from daemon.theory.explain import Explanation, explain
from daemon.theory.progression import BadProgression, read_progression
from realtime.core.key_finder import BadKey, parse_key


def theory(arguments: argparse.Namespace, console: Console) -> int:
    """Analyses and explains `arguments.progression`, in `arguments.key` if that is given.

    Raises:
        ConfigError: the progression or the key cannot be read.
    """
    try:
        key = None if arguments.key is None else parse_key(arguments.key)
    except BadKey as bad:
        raise ConfigError([f"--key: {bad}"]) from bad
    try:
        progression = read_progression(arguments.progression, key)
    except BadProgression as bad:
        raise ConfigError([str(bad)]) from bad
    analysis = analyse(progression, key)
    explanation = explain(analysis)
    console.result({**analysis.as_json(), "explanation": explanation.as_json()}, _lines(analysis, explanation))
    return 0


def _lines(analysis: Analysis, explanation: Explanation) -> list[str]:
    """A table of the chords, the sentences, and what they draw on."""
    rows = [("bar", "chord", "numeral", "function", "how")]
    for read in analysis.chords:
        how = "" if read.reading.kind == "diatonic" else read.reading.kind
        bar = f"{int(read.step.bar + 1e-9) + 1}"
        rows.append((bar, read.step.text, read.reading.numeral, read.reading.function, how))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    table = ["  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    said = [sentence.text for sentence in explanation.sentences]
    notes = [f"[{entry.id}] {entry.title}: {entry.text}" for entry in explanation.entries]
    return [*table, "", *said, "", *notes]
