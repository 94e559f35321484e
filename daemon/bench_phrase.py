"""`sideman bench phrase`: how long the phrase model takes for a word, a take and an answer, on one core.

Wall time and the processor's own: where the machine is shared, the second says what the program costs.
"""

import time
from collections.abc import Callable
from typing import Any, Final

from daemon.bench import report
from daemon.config import Config, ConfigError
from daemon.models.phrase_player import NOT_HERE, BadPhraseModel, PhrasePlayer, load_phrase_player, two_bars
from realtime.core.phrase_words import BAR, FIRST_DURATION, FIRST_PITCH, FIRST_POSITION, STEPS, prefix

ROUNDS: Final = 8
CONTEXT_WORDS: Final = 384
ANSWERS: Final = 40


def bench_phrase(config: Config) -> dict[str, Any]:
    """The report.

    Raises:
        ConfigError: there is no phrase model to measure.
    """
    try:
        player = load_phrase_player(config)
    except BadPhraseModel as problem:
        raise ConfigError([f"models.phrase: {problem}"]) from None
    if player is None:
        raise ConfigError([f"models.phrase: {NOT_HERE if config.models.phrase != 'off' else 'is off'}"])
    return report("phrase", lambda: _measure(player))


def _measure(player: PhrasePlayer) -> dict[str, Any]:
    words, spent = _words(), []
    for _ in range(ROUNDS):
        player.kernel.roll_back(0)
        spent += [nanos / 1000 for nanos in player.kernel.time_steps(words)]
    began = time.process_time()
    player.kernel.roll_back(0)
    player.kernel.time_steps(words)
    cpu = (time.process_time() - began) / len(words)
    figures = {"model": player.name, "numbers": player.size, "word_micros": _summary(spent)}
    figures["word_cpu_micros"] = round(cpu * 1e6, 1)
    for name, has_time in (("first_take", lambda _: False), ("answer", lambda takes: takes < 4)):
        wall, own = _answers(player, has_time)
        figures[f"{name}_micros"] = _summary(wall)
        figures[f"{name}_cpu_micros"] = _summary(own)
    return figures


def _words() -> list[int]:
    """A line of quarters up and down the scale."""
    words = prefix("pop", 4, triple=False)
    place = 0
    while len(words) < CONTEXT_WORDS:
        words += [BAR] if place % 4 == 0 else []
        words += [FIRST_POSITION + place % 4 * STEPS, FIRST_PITCH + 24 + place * 5 % 12, FIRST_DURATION + STEPS - 1]
        place += 1
    return words[:CONTEXT_WORDS]


def _answers(player: PhrasePlayer, has_time: Callable[[int], bool]) -> tuple[list[float], list[float]]:
    """Answers of two bars to two bars, heard before: how long each took, and how much of that was the processor's."""
    wall, own = [], []
    for seed in range(ANSWERS):
        wanted = two_bars(seed)
        player.improviser.listen(wanted)
        began, used = time.perf_counter(), time.process_time()
        player.improviser.answer(wanted, has_time)
        wall.append((time.perf_counter() - began) * 1e6)
        own.append((time.process_time() - used) * 1e6)
    return wall, own


def _summary(micros: list[float]) -> dict[str, float]:
    ranked = sorted(micros)
    p50, p99 = (ranked[min(len(ranked) - 1, int(len(ranked) * share))] for share in (0.5, 0.99))
    return {"count": len(ranked), "p50": round(p50, 1), "p99": round(p99, 1), "worst": round(ranked[-1], 1)}
