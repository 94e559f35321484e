"""Harmony explained: a progression read as a musician reads it, in numerals, functions, cadences and plain words.

from daemon.theory import analyse, explain, read_progression
print(explain(analyse(read_progression("Dm7 G7 Cmaj7"))).text)
"""

from daemon.theory.analysis import Analysis, analyse
from daemon.theory.explain import Explanation, explain
from daemon.theory.progression import BadProgression, Progression, Step, read_progression

__all__ = [
    "Analysis",
    "BadProgression",
    "Explanation",
    "Progression",
    "Step",
    "analyse",
    "explain",
    "read_progression",
]
