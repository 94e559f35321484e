"""What each command does, given its words: reads, calls whoever does the work, and says what came of it."""

import argparse
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from daemon.config import Config, ConfigError
from daemon.config_file import find_file, load, user_config_folder
from daemon.config_text import as_toml
from daemon.console import Console

if TYPE_CHECKING:
    from daemon.midi_file import Script

FOUND_WRONG: Final = 1


def configuration(arguments: argparse.Namespace) -> Config:
    """The configuration that file, environment and flags give."""
    return load(arguments.config, arguments.set, os.environ)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """`sideman run`."""
    from daemon.lan import invitation, opened_to_guests, pairing_url  # noqa: PLC0415
    from daemon.memory_file import memory_file  # noqa: PLC0415
    from daemon.rig import NOT_OPEN  # noqa: PLC0415
    from daemon.serve import ready_line, serve  # noqa: PLC0415 - heavy: trio, ports
    from daemon.styles_folder import load_styles  # noqa: PLC0415

    config, book = opened_to_guests(configuration(arguments), lan=arguments.lan, say=console.say)
    shelf = load_styles(user_config_folder() / "styles")

    def ready(ports: dict[str, Any]) -> None:
        console.result({"ready": True, **ports}, [ready_line(ports)])
        if arguments.lan and ports["http"] != NOT_OPEN:
            console.show(invitation(pairing_url(ports["http"], config.http.token), colour=sys.stderr.isatty()))

    memory = memory_file(config, arguments.memory)
    return serve(config, shelf, ready, console.say, chart=arguments.chart, memory=memory, book=book)


def demo(arguments: argparse.Namespace, console: Console) -> int:
    """`sideman demo`."""
    from daemon.demo_tune import demo_script  # noqa: PLC0415
    from daemon.sound import can_be_heard  # noqa: PLC0415

    if not arguments.fast and not can_be_heard(configuration(arguments)):
        arguments.fast = True
        console.say(f"nothing to hear it on here, so it is played fast: listen to {arguments.output}/mix.wav")
    script = demo_script(arguments.seed or 0)
    return _perform(arguments, console, script, "the demo", show_timeline=not console.as_json)


def perform(arguments: argparse.Namespace, console: Console) -> int:
    """`sideman perform`."""
    script = _read_script(arguments.input)
    if script.clamped_tempi:
        console.say(f"{arguments.input}: {script.clamped_tempi} tempi are outside 20 to 400 bpm; they were clamped")
    if arguments.chart is not None:
        from daemon.chart_file import read_chart, with_chart  # noqa: PLC0415

        script = with_chart(script, read_chart(arguments.chart, script.meter))
    return _perform(arguments, console, script, str(arguments.input), show_timeline=not console.as_json)


def _read_script(path: Path) -> "Script":
    from daemon.midi_file import MidiFileError, read_midi_file  # noqa: PLC0415

    try:
        return read_midi_file(path)
    except MidiFileError as error:
        raise ConfigError([str(error)]) from None


def _perform(
    arguments: argparse.Namespace, console: Console, script: "Script", source: str, *, show_timeline: bool
) -> int:
    from daemon.key_figures import key_figures  # noqa: PLC0415
    from daemon.memory_file import memory_file  # noqa: PLC0415
    from daemon.perform import Order, in_own_time, with_band  # noqa: PLC0415
    from daemon.perform import perform as play  # noqa: PLC0415
    from daemon.styles_folder import load_styles  # noqa: PLC0415
    from daemon.timeline_view import TimelineView  # noqa: PLC0415

    config = with_band(configuration(arguments), style=arguments.style, seed=_seed(arguments))
    if getattr(arguments, "tempo_from", "file") == "follow":
        script, config = in_own_time(script, config)
    shelf = load_styles(user_config_folder() / "styles")
    view = TimelineView(sys.stdout, os.environ) if show_timeline else None
    memory = memory_file(config, arguments.memory)
    order = Order(script, arguments.output, config, shelf, arguments.fast, source, memory)
    try:
        summary = play(order, view.show if view else lambda _: None, console.say)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ConfigError([f"-o {arguments.output}: {error.strerror or error}"]) from None
    finally:
        if view:
            view.close()
    console.result({"ok": True, "folder": str(arguments.output), **summary}, key_figures(summary, arguments.output))
    return 0


def _seed(arguments: argparse.Namespace) -> int | None:
    if arguments.seed is not None and not 0 <= arguments.seed < 2**63:
        raise ConfigError([f"--seed: must be a whole number 0 to 2^63 - 1, but was {arguments.seed}"])
    seed: int | None = arguments.seed
    return seed


def render(arguments: argparse.Namespace, console: Console) -> int:
    """`sideman render`."""
    if not 8_000 <= arguments.rate <= 192_000:
        raise ConfigError([f"--rate: must be 8000 to 192000 Hz, but was {arguments.rate}"])
    from daemon.midi_file import MidiFileError  # noqa: PLC0415
    from daemon.mix import render_file  # noqa: PLC0415
    from realtime.edges.soundfont import BadSoundFont  # noqa: PLC0415

    effects = not arguments.no_effects
    try:
        mix = render_file(
            arguments.input,
            arguments.output,
            arguments.rate,
            effects=effects,
            soundfont=arguments.soundfont,
            device=arguments.device,
        )
    except MidiFileError as error:
        raise ConfigError([str(error)]) from None
    except BadSoundFont as error:
        raise ConfigError([f"--soundfont {error}"]) from None
    if mix.trouble:
        console.say(mix.trouble)
        return FOUND_WRONG
    if mix.note:
        console.say(mix.note)
    text = f"{arguments.output}: {mix.seconds:.1f} s, {mix.lufs} LUFS, peak {mix.peak_db} dB"
    console.result({"ok": True, "file": str(arguments.output), **asdict(mix)}, [text])
    return 0


def replay(arguments: argparse.Namespace, console: Console) -> int:
    """`sideman replay`."""
    from daemon.replay import replay as play_again  # noqa: PLC0415
    from daemon.serve import session_path  # noqa: PLC0415
    from daemon.session_folder import sessions_folder  # noqa: PLC0415
    from daemon.session_format import BadLog  # noqa: PLC0415
    from daemon.session_reader import open_session  # noqa: PLC0415
    from daemon.styles_folder import performer_of  # noqa: PLC0415

    path = session_path(arguments.session, sessions_folder(configuration(arguments)))
    try:
        session = open_session(path)
        verdict = play_again(session, lambda header: performer_of(header, session.memory()))
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror or error}"]) from None
    except BadLog as error:
        console.result({"ok": False, "problem": str(error)}, [f"{path}: {error}"])
        return FOUND_WRONG
    lines = [f"{verdict.inputs} inputs and {verdict.outputs} outputs played again"]
    lines += [f"line {number}: the checksum is wrong" for number in verdict.damaged]
    if verdict.difference:
        lines.append(str(verdict.difference))
    if verdict.is_clean:
        lines.append("no difference" if verdict.orderly_end else "no difference; the session was cut off")
    console.result({"ok": verdict.is_clean, **asdict(verdict)}, lines)
    return FOUND_WRONG if arguments.verify and not verdict.is_clean else 0


def bench(arguments: argparse.Namespace, console: Console) -> int:
    """`sideman bench`."""
    from daemon.bench import report_lines  # noqa: PLC0415
    from daemon.bench_command import measure  # noqa: PLC0415
    from realtime.edges.engine import EngineUnavailable  # noqa: PLC0415

    try:
        report = measure(arguments, configuration(arguments), console.say)
    except EngineUnavailable as problem:
        console.say(str(problem))
        return FOUND_WRONG
    console.result(report, report_lines(report))
    return 0


def evaluate(arguments: argparse.Namespace, console: Console) -> int:
    """`sideman evaluate`."""
    from daemon.evaluation.command import run as mark  # noqa: PLC0415 - heavy: the band
    from daemon.styles_folder import load_styles  # noqa: PLC0415

    return mark(arguments, configuration(arguments), load_styles(user_config_folder() / "styles"), console)


def ports(arguments: argparse.Namespace, console: Console) -> int:
    """`sideman ports`."""
    from daemon.port_list import list_ports  # noqa: PLC0415

    found = list_ports(configuration(arguments))
    lines = [f"MIDI ({found['backend']}): {found['why']}"]
    for kind in ("inputs", "outputs", "audio"):
        lines += [f"{kind}:"] + [f"  {name}" for name in found[kind] or ["(none)"]]
    console.result(found, lines)
    return 0


def doctor(arguments: argparse.Namespace, console: Console) -> int:
    """`sideman doctor`."""
    from daemon.doctor_command import everything, latency  # noqa: PLC0415

    found, lines = (latency if arguments.latency else everything)(arguments)
    console.result(found, lines)
    return 0 if found["ok"] else FOUND_WRONG


def sessions(arguments: argparse.Namespace, console: Console) -> int:
    """`sideman sessions`."""
    from daemon.session_folder import list_sessions, sessions_folder  # noqa: PLC0415

    folder = sessions_folder(configuration(arguments))
    if arguments.what == "remember":
        return _remember(arguments, folder, console)
    entries = list(list_sessions(folder))
    lines = [f"{len(entries)} sessions in {folder}"]
    for entry in entries:
        length = "cut off" if entry.seconds is None else f"{entry.seconds:.0f} s"
        lines.append(f"  {entry.name}  {entry.style:<16} {length:>8}  {entry.bytes // 1000} kB {entry.trouble}")
    console.result({"folder": str(folder), "sessions": [asdict(entry) for entry in entries]}, lines)
    return 0


def _remember(arguments: argparse.Namespace, folder: Path, console: Console) -> int:
    from daemon.serve import session_path  # noqa: PLC0415
    from daemon.song_memory import remember  # noqa: PLC0415

    if not arguments.session or arguments.output is None:
        raise ConfigError(["sessions remember: needs SESSION… and -o FILE"])
    done = remember([session_path(name, folder) for name in arguments.session], arguments.output)
    text = f"{done.beats} beats of {done.sessions} sessions are remembered in {arguments.output}"
    console.result({"ok": True, "file": str(arguments.output), **asdict(done)}, [text])
    return 0


def config(arguments: argparse.Namespace, console: Console) -> int:
    """`sideman config show`, `check` and `knobs`."""
    if arguments.what == "knobs":
        from daemon.knob_list import list_knobs  # noqa: PLC0415

        return list_knobs(console)
    current = configuration(arguments)
    file = find_file(arguments.config)
    where = str(file) if file else f"built-in defaults (your file would be {user_config_folder() / 'config.toml'})"
    if arguments.what == "check":
        console.result({"ok": True, "file": where}, [f"the configuration is right: {where}"])
        return 0
    console.result({"file": where, "config": asdict(current)}, [f"# {where}", *as_toml(asdict(current))])
    return 0


def style(arguments: argparse.Namespace, console: Console) -> int:
    """`sideman style list` and `sideman style check`."""
    from daemon.style_check import run as look  # noqa: PLC0415

    return look(arguments, console)
