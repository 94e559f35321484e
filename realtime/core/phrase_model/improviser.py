"""The improviser: listens along, and gives the best of a few takes; to the same request the same answer.

Only how many takes there is time for is not in the request; `MOST_TAKES` where time does not matter.
"""

from collections.abc import Callable
from typing import Final

from realtime.core.phrase_events import PhraseGiven, PhraseWanted
from realtime.core.phrase_model.critic import cost
from realtime.core.phrase_model.prompt import prompt_of
from realtime.core.phrase_model.sampler import Kernel, Mix, Sampler

MOST_TAKES: Final = 4


class Improviser:
    """Owns the kernel. One thread at a time."""

    def __init__(self, kernel: Kernel, mix: Mix | None = None) -> None:
        """`mix` adds to the scores before a word is drawn."""
        self._kernel, self._mix = kernel, mix

    def listen(self, wanted: PhraseWanted) -> int:
        """Hears the line so far; returns how many words of it were new."""
        return self._kernel.attune(prompt_of(wanted).words)

    def answer(
        self, wanted: PhraseWanted, has_time: Callable[[int], bool] = lambda takes: takes < MOST_TAKES
    ) -> PhraseGiven:
        """The phrase wanted: the best of as many takes as `has_time`, told how many there are, allows; one at least."""
        prompt = prompt_of(wanted)
        self._kernel.attune(prompt.words)
        sampler = Sampler(self._kernel, wanted, prompt, self._mix)
        takes = [sampler.take(0)]
        while has_time(len(takes)):
            takes.append(sampler.take(len(takes)))
        best = min(takes, key=lambda take: cost(take, wanted))
        notes = tuple(number for note in best.notes for number in (note.onset, note.duration, note.pitch))
        return PhraseGiven(wanted.number, notes, len(takes))
