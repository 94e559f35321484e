"""`sideman perform` and `sideman demo`: a performance played to the band, and everything that is kept of it."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from daemon import __version__
from daemon.config import Config, ConfigError
from daemon.memory_file import MemoryFile
from daemon.midi_file import Script
from daemon.mix import mix_session
from daemon.models.phrase_player import InlineAnswers, PhrasePlayer, ready_phrase_player
from daemon.session_folder import MIX_NAME, empty_output_folder, make_header
from daemon.session_format import Header
from daemon.session_reader import open_session
from daemon.styles_folder import StyleShelf, check_style, performer_of
from daemon.summary import summarise
from daemon.summary_file import write_summary
from daemon.take import Take, TakeReport, write_midi_files
from realtime.core.events import ActionRequested, Output, Stamped
from realtime.core.meter import Meter
from realtime.core.timeline import micros_per_quarter
from realtime.core.units import MICROS_PER_SECOND, TICKS_PER_QUARTER, Micros

TAIL_BARS: Final = 2
BREATH_MICROS: Final = 250_000
"""A last note let go a little after the bar line does not open another bar."""

Show = Callable[[Stamped[Output]], None]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be performed, where to, and how."""

    script: Script
    folder: Path
    config: Config
    shelf: StyleShelf
    fast: bool
    source: str
    """What is performed, for the summary."""
    memory: MemoryFile | None = None


def with_band(config: Config, *, style: str | None = None, seed: int | None = None) -> Config:
    """The configuration with another style or seed."""
    band = config.band
    band = replace(band, style=band.style if style is None else style)
    return replace(config, band=replace(band, seed=band.seed if seed is None else seed))


def in_own_time(script: Script, config: Config) -> tuple[Script, Config]:
    """The same playing, and nothing said of when it starts or how fast it goes: the band has to find that out."""
    said = ("transport/start", "transport/tempo")
    inputs = tuple(stamped for stamped in script.inputs if getattr(stamped.event, "path", "") not in said)
    config = replace(config, parameters={**config.parameters, "transport/source": "follow"})
    return replace(script, inputs=inputs), config


def with_ending(script: Script) -> tuple[Script, Micros]:
    """The script with a stop `TAIL_BARS` bars after its last bar, and when all is over."""
    tempo = script.tempo_bpm
    for stamped in script.inputs:
        event = stamped.event
        if getattr(event, "path", "") == "transport/tempo":
            tempo = float(getattr(event, "value", tempo))
    bar = _bar_micros(script.meter, tempo)
    bars = -(-max(0, script.last_input - BREATH_MICROS) // bar) + TAIL_BARS
    stop = Micros(max(bars * bar, script.last_input + 1))
    ending = Stamped(stop, ActionRequested("transport/stop"))
    return replace(script, inputs=(*script.inputs, ending)), Micros(stop + MICROS_PER_SECOND // 2)


def _bar_micros(meter: Meter, tempo_bpm: float) -> int:
    return meter.bar_ticks * micros_per_quarter(tempo_bpm) // TICKS_PER_QUARTER


def perform(order: Order, show: Show, say: Callable[[str], None]) -> dict[str, Any]:
    """Plays the order and writes the folder; returns the summary.

    `show` sees every output, as it comes; `say` tells people what goes on.

    Raises:
        ConfigError: the folder cannot be written, or the style does not exist.
        OSError: the disk does not take the files.
    """
    check_style(order.config.band.style, order.shelf)
    check_memory(order)
    empty_output_folder(order.folder)
    config = order.config
    follows = config.parameters.get("transport/source") == "follow"
    parameters = config.parameters if follows else {**config.parameters, "transport/tempo": order.script.tempo_bpm}
    config, player = ready_phrase_player(replace(config, parameters=parameters), say)
    known = order.memory.loaded if order.memory else b""
    header = make_header(config, order.shelf.mappings, config.band.seed, known, order.shelf.forms)
    script, until = with_ending(order.script)
    began = time.perf_counter()
    performer = performer_of(header, known)
    if order.memory:
        order.memory.begin(performer.memory())
    take = Take(performer, order.folder, header, memory=known, patient=order.fast)
    live: dict[str, Any] = {}
    try:
        if order.fast:
            _play_fast(take, script, until, show, player)
        else:
            from daemon.live import Beside, play_live  # noqa: PLC0415 - trio and the ports only where they are used
            from daemon.serve import keep_memory  # noqa: PLC0415

            chores = [partial(keep_memory, order.memory, performer, say)] if order.memory else []
            live = play_live(take, config, script, until, show, say, Beside(chores, player))
    finally:
        report = take.close()
        if order.memory and (trouble := order.memory.save(performer.memory(), finally_=True)):
            say(trouble)
    played = time.perf_counter() - began
    return _finish(order, header, report, {"play_seconds": round(played, 3), "live": live}, say)


def check_memory(order: Order) -> None:
    """Raises `ConfigError` if the memory is a file of the output folder, which is going to be made anew."""
    if order.memory and order.memory.path.resolve().parent == order.folder.resolve():
        raise ConfigError([f"--memory {order.memory.path}: must not be in the folder that the performance goes to"])


def _play_fast(take: Take, script: Script, until: Micros, show: Show, player: PhrasePlayer | None) -> None:
    from realtime.core.offline import play  # noqa: PLC0415 - kept beside its only use

    respond = InlineAnswers(player.improviser) if player is not None else None
    for stamped in play(take.heart, script.inputs, until, respond):
        show(stamped)


def _finish(
    order: Order, header: Header, report: TakeReport, timings: dict[str, Any], say: Callable[[str], None]
) -> dict[str, Any]:
    """MIDI files, mix and summary, all from the log."""
    folder = order.folder
    for trouble in report.troubles:
        say(trouble)
    write_midi_files(folder)
    mix = mix_session(folder, folder / MIX_NAME, rate=order.config.audio.rate)
    if mix.trouble:
        say(mix.trouble)
    key_figures = asdict(summarise(open_session(folder).outputs()))
    summary = {
        "source": order.source,
        "sideman": __version__,
        "style": header.parameters["style"],
        "seed": header.seed,
        "fast": order.fast,
        **key_figures,
        "mix": asdict(mix),
        "log": asdict(report),
        "timings": {**timings, "render_seconds": mix.render_seconds},
    }
    write_summary(folder, summary)
    return summary
