"""A script played through the whole live loop, as if somebody sat there: real time, real ports, real sound."""

import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import trio

from daemon.config import Config
from daemon.midi_file import Script
from daemon.models.phrase_player import PhrasePlayer
from daemon.rig import Rig, Say
from daemon.serve import Chore, tune_interpreter
from daemon.take import Take
from realtime.core.events import Output, Stamped
from realtime.core.units import Micros

LEAD_MICROS: Final = 300_000
"""The player sits down: everything is open before the first note."""


class _ShowSink:
    """Shows outputs to people."""

    name: Final = "terminal"

    def __init__(self, show: Callable[[Stamped[Output]], None]) -> None:
        self._show = show

    def send(self, outputs: Sequence[Stamped[Output]]) -> None:
        for stamped in outputs:
            self._show(stamped)


@dataclass(frozen=True, slots=True)
class Beside:
    """What goes on beside the music: chores, and the phrase model that plays solos, if there is one."""

    chores: Sequence[Chore] = ()
    phrases: PhrasePlayer | None = None


def play_live(
    take: Take,
    config: Config,
    script: Script,
    until: Micros,
    show: Callable[[Stamped[Output]], None],
    say: Say,
    beside: Beside,
) -> dict[str, Any]:
    """Plays `script` in real time, what is beside it going on meanwhile; returns the statistics of the edges.

    Raises:
        ConfigError: something that was asked for is not to be had.
        KeyboardInterrupt: the user stopped it, after the silence.
    """
    sinks = [_ShowSink(show)]
    edges = partial(Rig, config, take.heart, say, extra_sinks=sinks, take=take)
    return trio.run(_play, lambda: edges().with_phrases(beside.phrases), script, until, beside.chores)


async def _play(make_rig: Callable[[], Rig], script: Script, until: Micros, chores: Sequence[Chore]) -> dict[str, Any]:
    rig = make_rig()
    interrupted = False
    try:
        rig.open(must_have_osc=False)
        tune_interpreter()
        with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            async with trio.open_nursery() as nursery:
                await nursery.start(rig.run)
                for chore in chores:
                    nursery.start_soon(chore)
                nursery.start_soon(_hands, rig, script, until, nursery.cancel_scope)
                async for _ in signals:
                    interrupted = True
                    nursery.cancel_scope.cancel()
        statistics = rig.statistics()
    finally:
        rig.close()
    if interrupted:
        raise KeyboardInterrupt
    return statistics


async def _hands(rig: Rig, script: Script, until: Micros, everything: trio.CancelScope) -> None:
    """Puts the script's inputs into the inbox, each at its time; then all is over."""
    begin = rig.clock.now() + LEAD_MICROS
    for stamped in script.inputs:
        at = Micros(begin + stamped.at)
        if at > rig.clock.now():
            await rig.clock.sleep_until(at)
        rig.put(stamped.event, at)
    await rig.clock.sleep_until(Micros(begin + until))
    everything.cancel()
