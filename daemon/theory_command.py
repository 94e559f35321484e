"""`sideman theory`: a progression explained on the terminal, or as JSON; in a template's words or in Qwen's."""

import argparse
import os
from typing import Final

from daemon.config import Config, ConfigError
from daemon.config_file import load
from daemon.console import Console
from daemon.models.child import ModelError
from daemon.models.qwen import Qwen, find_qwen, has_mlx
from daemon.models.theory_text import BadTheory
from daemon.theory import Analysis, BadProgression, Explanation, analyse, explain, read_progression
from realtime.core.key_finder import BadKey, parse_key

QWEN_SECONDS: Final = 60.0


def theory(arguments: argparse.Namespace, console: Console) -> int:
    """Analyses and explains `arguments.progression`, in `arguments.key` if that is given.

    Raises:
        ConfigError: the progression or the key cannot be read.
    """
    config = load(arguments.config, arguments.set, os.environ)
    try:
        key = None if arguments.key is None else parse_key(arguments.key)
    except BadKey as bad:
        raise ConfigError([f"--key: {bad}"]) from bad
    try:
        progression = read_progression(arguments.progression, key)
    except BadProgression as bad:
        raise ConfigError([str(bad)]) from bad
    analysis = analyse(progression, key)
    explanation = explain(analysis, arguments.question)
    words = _qwen_words(analysis, arguments.question, config, console) if arguments.words == "qwen" else None
    data = {**analysis.as_json(), "explanation": explanation.as_json(), "words": words}
    console.result(data, _lines(analysis, explanation, words))
    return 0


def _qwen_words(analysis: Analysis, question: str, config: Config, console: Console) -> str | None:
    """What Qwen says, if it is there and stays with the facts; else a remark, and the template's words stand."""
    found = find_qwen(config.models.qwen)
    if found.folder is None or not has_mlx():
        why = found.seen if found.folder is None else "mlx-lm is not installed"
        console.say(f"qwen: {why}; the template's words instead (sideman models list)")
        return None
    qwen = Qwen(found.folder)
    try:
        return qwen.theory(analysis, question=question, timeout_seconds=QWEN_SECONDS)[0]
    except (ModelError, BadTheory) as error:
        console.say(f"qwen: {error}; the template's words instead")
        return None
    finally:
        qwen.close()


def _lines(analysis: Analysis, explanation: Explanation, words: str | None) -> list[str]:
    """A table of the chords, the sentences, and what they draw on."""
    rows = [("bar", "chord", "numeral", "function", "how")]
    for read in analysis.chords:
        how = "" if read.reading.kind == "diatonic" else read.reading.kind
        bar = f"{int(read.step.bar + 1e-9) + 1}"
        rows.append((bar, read.step.text, read.reading.numeral, read.reading.function, how))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    table = ["  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    said = [words] if words is not None else [sentence.text for sentence in explanation.sentences]
    notes = [f"[{entry.id}] {entry.title}: {entry.text}" for entry in explanation.entries]
    return [*table, "", *said, "", *notes]
