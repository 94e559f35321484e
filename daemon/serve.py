"""`sideman run`: opens everything, says that it is ready, plays until it is told to stop, and closes everything."""

import contextlib
import gc
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
import trio

from daemon.chart_file import open_chart
from daemon.config import Config, ConfigError
from daemon.config_file import user_config_folder, user_state_folder
from daemon.config_rules import parse_meter
from daemon.guest_book import GuestBook
from daemon.http.greeting import greeting
from daemon.learnt_controls import FILE_NAME as CONTROLS_NAME
from daemon.learnt_controls import LearntControls, configured_controls
from daemon.memory_file import MemoryFile
from daemon.models.phrase_player import ready_phrase_player
from daemon.rig import Rig, Say
from daemon.session_folder import make_header, new_session_folder, sessions_folder
from daemon.session_format import Header
from daemon.session_heart import SessionHeart
from daemon.styles_folder import StyleShelf, check_style, performer_of
from daemon.styles_watch import StylesWatch
from daemon.summary_file import close_session
from daemon.take import NotTaken, Take
from realtime.core.events import ActionRequested, Value
from realtime.core.performer import Performer

STOPPING: Final = (signal.SIGINT, signal.SIGTERM)

SWITCH_SECONDS: Final = 0.0005
"""How long another Python thread may hold up the music; Python's own 5 ms are heard."""

WATCH_SECONDS: Final = 1.0

KEEP_SECONDS: Final = 180.0
"""How often the songs heard are written down while the band plays."""

Chore = Callable[[], Awaitable[None]]
Ready = Callable[[dict[str, Any]], None]


def tune_interpreter() -> None:
    """Makes Python a better musician: quick to change threads, slow to look for rubbish."""
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def serve(
    config: Config,
    shelf: StyleShelf,
    ready: Ready,
    say: Say,
    *,
    chart: Path | None = None,
    memory: MemoryFile | None = None,
    book: GuestBook | None = None,
) -> int:
    """Runs the daemon until SIGINT or SIGTERM; returns the exit code. `ready` is told the ports.

    `chart` is a file with the song's chords; `memory` what is known of songs; `book` who else may come in.

    Raises:
        ConfigError: something that was asked for is not to be had.
    """
    first, known = _first_inputs(config, shelf, chart), memory.loaded if memory else b""
    config, player = ready_phrase_player(config, say)
    header = make_header(config, shelf.mappings, config.band.seed, known, shelf.forms)
    performer = performer_of(header, known)
    take, refused = _begin_take(config, performer, header, known, say)
    learnt = _learnt_controls(say)
    again = partial(_again, first, learnt)
    heart = _session_heart(config, shelf, performer, take or refused, again, say)
    chores = [learnt.keep, *([book.keep] if book else []), *_chores(heart, memory, say)]
    guests, hello = book.guests if book else None, greeting(config, shelf, heart.folder.name)
    edges = partial(Rig, config, heart, say, hello=hello, extra_sinks=[learnt], guests=guests, take=heart)
    attend = partial(_attend, heart, StylesWatch(user_config_folder() / "styles"), say)
    try:
        with _told_once():
            told = lambda ports: ready({**ports, **_session(heart.take)})  # noqa: E731 - said once, here
            rig, live = trio.run(_serve, lambda: edges().with_phrases(player), again(), chores, attend, told)
    except BaseException as fault:
        if heart.take is not None:  # it never began; or, our own fault: then the log is what will explain it
            (heart.take.discard if isinstance(fault, ConfigError) else heart.take.close)()
        raise
    finally:
        _keep(learnt, book, memory, heart, say)
    heart.finish_all()
    if heart.take is not None:
        close_session(heart.take, live, say)
    rig.close()
    return 0


async def _attend(heart: SessionHeart, styles: StylesWatch, say: Say, rig: Rig) -> None:
    """What goes on beside the music and has something to tell the band."""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(watch_styles, styles, say, rig)
        nursery.start_soon(heart.run, lambda event: rig.put(event, rig.clock.now()))


def _again(first: Sequence[ActionRequested], learnt: LearntControls) -> list[ActionRequested]:
    """What every session begins with."""
    return [*first, *learnt.actions()]


def _session_heart(
    config: Config,
    shelf: StyleShelf,
    performer: Performer,
    take: Take | NotTaken,
    first: Callable[[], list[Any]],
    say: Say,
) -> SessionHeart:
    """The heart of this session and of those that follow it."""
    finish = partial(close_session, live={}, say=say)
    begin = partial(_begin_next, config, shelf)
    return SessionHeart(performer, take, begin=begin, first=first, finish=finish, say=say)


def _begin_next(
    config: Config, shelf: StyleShelf, parameters: Mapping[str, Value], memory: bytes
) -> tuple[Performer, Take]:
    """The band and the recording of another session, with the parameters and the songs of the one before.

    Raises:
        OSError: there is no room for it.
    """
    header = make_header(config, shelf.mappings, config.band.seed, memory, shelf.forms)
    header = msgspec.structs.replace(header, parameters=dict(parameters))
    performer = performer_of(header, memory)
    return performer, Take(performer, new_session_folder(sessions_folder(config)), header, memory=memory)


def _keep(
    learnt: LearntControls, book: GuestBook | None, memory: MemoryFile | None, heart: SessionHeart, say: Say
) -> None:
    """Writes down what is to be there the next time."""
    learnt.save()
    if book is not None:
        book.save()
    if memory is not None and (trouble := memory.save(heart.memory(), finally_=True)):
        say(trouble)


def _session(take: Take | None) -> dict[str, str]:
    return {"session": str(take.folder) if take else "off"}


@contextlib.contextmanager
def _told_once() -> Iterator[None]:
    """Who listens inside hears the signals to stop; nobody else does any more: a second Ctrl-C must not cut the
    goodbyes short. Only where nothing began are they heard again."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in STOPPING}
    try:
        yield
    except ConfigError:
        for number, handler in before.items():
            signal.signal(number, handler)
        raise


def _begin_take(
    config: Config, performer: Performer, header: Header, known: bytes, say: Say
) -> tuple[Take | None, NotTaken]:
    """A recording, if one is wanted and can be had; and why there is none."""
    if not config.session.record:
        return None, NotTaken(())
    try:
        return Take(performer, new_session_folder(sessions_folder(config)), header, memory=known), NotTaken(())
    except OSError as error:
        trouble = f"this session is not recorded: {error}"
        say(trouble)
        return None, NotTaken((trouble,))


def _chores(heart: SessionHeart, memory: MemoryFile | None, say: Say) -> list[Chore]:
    """What goes on beside the music."""
    chores: list[Chore] = [partial(_watch, heart, say)]
    if memory is not None:
        memory.begin(heart.memory())
        chores.append(partial(keep_memory, memory, heart, say))
    return chores


def _first_inputs(config: Config, shelf: StyleShelf, chart: Path | None) -> list[ActionRequested]:
    """What the band is told before anybody plays: the metre and the chart, if they are given."""
    check_style(config.band.style, shelf)
    sheet = open_chart(chart, trim=True) if chart is not None else None
    said = parse_meter(config.band.meter) if config.band.meter else sheet.meter if sheet else None
    meter = said or shelf.styles[config.band.style].meter
    first = []
    if said is not None:
        first.append(ActionRequested("transport/meter", (meter.numerator, meter.denominator), "config"))
    if sheet is not None:
        first.append(sheet.action(meter))
    return [*first, *configured_controls(config)]


def _learnt_controls(say: Say) -> LearntControls:
    """What MIDI learn has bound."""
    learnt = LearntControls(user_state_folder() / CONTROLS_NAME)
    if learnt.trouble:
        say(learnt.trouble)
    return learnt


async def _serve(
    make_rig: Callable[[], Rig],
    first: Sequence[ActionRequested],
    chores: Sequence[Chore],
    attend: Callable[[Rig], Awaitable[None]],
    ready: Ready,
) -> tuple[Rig, dict[str, Any]]:
    """Plays until it is told to stop; returns the rig, silent but not closed yet, and how its edges did.

    The chores go on meanwhile.
    """
    rig = make_rig()
    try:
        with trio.open_signal_receiver(*STOPPING) as signals:
            rig.open(must_have_osc=True)
            for action in first:
                rig.put(action, rig.clock.now())
            async with trio.open_nursery() as nursery:
                await nursery.start(rig.run)
                for chore in chores:
                    nursery.start_soon(chore)
                nursery.start_soon(attend, rig)
                tune_interpreter()
                ready(rig.ports)
                async for _ in signals:
                    break
                nursery.cancel_scope.cancel()
        statistics = rig.statistics()
        rig.silence()
    except BaseException:
        rig.close()
        raise
    return rig, statistics


async def _watch(heart: SessionHeart, say: Say) -> None:
    """Says once what is being lost."""
    said: set[str] = set()
    while True:
        for trouble in heart.troubles:
            if trouble not in said:
                said.add(trouble)
                say(f"{trouble}; the music goes on, but is no longer recorded")
        await trio.sleep(WATCH_SECONDS)


async def watch_styles(styles: StylesWatch, say: Say, rig: Rig) -> None:
    """A style's file that is written, or written anew, is given to the band; what is wrong with it is said once."""
    while True:
        await trio.sleep(WATCH_SECONDS)
        for found in await trio.to_thread.run_sync(styles.look):
            if isinstance(found, str):
                say(found)
            else:
                rig.put(found, rig.clock.now())


async def keep_memory(
    memory: MemoryFile, performer: Performer | SessionHeart, say: Say, seconds: float = KEEP_SECONDS
) -> None:
    """Writes the songs heard so far, from time to time; says once what goes wrong."""
    said = ""
    while True:
        await trio.sleep(seconds)
        trouble = await trio.to_thread.run_sync(memory.save, performer.memory())
        if trouble and trouble != said:
            said = trouble
            say(f"{trouble}; the music goes on")


def ready_line(ports: dict[str, Any]) -> str:
    """The line that scripts wait for."""
    return "ready " + " ".join(f"{name}={value}" for name, value in ports.items())


def session_path(text: str, folder: Path) -> Path:
    """A session named by its path, or by its name in `folder`."""
    path = Path(text)
    return path if path.exists() else folder / text
