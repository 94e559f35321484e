"""`sideman run`: opens everything, says that it is ready, plays until it is told to stop, and closes everything."""

import gc
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import trio

from daemon.chart_file import read_chart
from daemon.config import Config, ConfigError
from daemon.config_rules import parse_meter
from daemon.recorder import LiveHeart
from daemon.rig import Rig, Say
from daemon.session_folder import make_header, new_session_folder, sessions_folder
from daemon.styles_folder import StyleShelf, check_style, performer_of
from daemon.summary_file import close_session
from daemon.take import Take
from realtime.core.events import ActionRequested

SWITCH_SECONDS: Final = 0.0005
"""How long another Python thread may hold up the music; Python's own 5 ms are heard."""

WATCH_SECONDS: Final = 1.0

Ready = Callable[[dict[str, Any]], None]


def tune_interpreter() -> None:
    """Makes Python a better musician: quick to change threads, slow to look for rubbish."""
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def serve(config: Config, shelf: StyleShelf, ready: Ready, say: Say, *, chart: Path | None = None) -> int:
    """Runs the daemon until SIGINT or SIGTERM; returns the exit code. `ready` is told the ports.

    `chart` is a file with the chords of the song that is going to be played.

    Raises:
        ConfigError: something that was asked for is not to be had.
    """
    check_style(config.band.style, shelf)
    first = _first_inputs(config, shelf, chart)
    header = make_header(config, shelf.mappings, config.band.seed)
    performer = performer_of(header)
    take: Take | None = None
    if config.session.record:
        try:
            take = Take(performer, new_session_folder(sessions_folder(config)), header)
        except OSError as error:
            say(f"this session is not recorded: {error}")
    try:
        live = trio.run(_serve, config, take.heart if take else performer, take, first, ready, say)
    except ConfigError:
        if take is not None:
            take.discard()
        raise
    except BaseException:
        if take is not None:
            take.close()  # our own fault: the log is what will explain it
        raise
    if take is not None:
        close_session(take, live, say)
    return 0


def _first_inputs(config: Config, shelf: StyleShelf, chart: Path | None) -> list[ActionRequested]:
    """What the band is told before anybody plays: the metre and the chart, if they are given."""
    meter = parse_meter(config.band.meter) if config.band.meter else shelf.styles[config.band.style].meter
    first = []
    if config.band.meter:
        first.append(ActionRequested("transport/meter", (meter.numerator, meter.denominator), "config"))
    if chart is not None:
        first.append(read_chart(chart, meter))
    return first


async def _serve(
    config: Config,
    heart: LiveHeart,
    take: Take | None,
    first: Sequence[ActionRequested],
    ready: Ready,
    say: Say,
) -> dict[str, Any]:
    """Plays until it is told to stop; returns how the edges did."""
    rig = Rig(config, heart, take.folder if take else Path(), say)
    try:
        with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            rig.open(must_have_osc=True)
            for action in first:
                rig.put(action, rig.clock.now())
            async with trio.open_nursery() as nursery:
                await nursery.start(rig.run)
                if take is not None:
                    nursery.start_soon(_watch, take, say)
                tune_interpreter()
                ready({**rig.ports, "session": str(take.folder) if take else "off"})
                async for _ in signals:
                    break
                nursery.cancel_scope.cancel()
        return rig.statistics()
    finally:
        rig.close()


async def _watch(take: Take, say: Say) -> None:
    """Says once what is being lost."""
    said: set[str] = set()
    while True:
        for trouble in take.troubles:
            if trouble not in said:
                said.add(trouble)
                say(f"{trouble}; the music goes on, but is no longer recorded")
        await trio.sleep(WATCH_SECONDS)


def ready_line(ports: dict[str, Any]) -> str:
    """The line that scripts wait for."""
    return "ready " + " ".join(f"{name}={value}" for name, value in ports.items())


def session_path(text: str, folder: Path) -> Path:
    """A session named by its path, or by its name in `folder`."""
    path = Path(text)
    return path if path.exists() else folder / text
