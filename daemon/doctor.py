"""`sideman doctor`: looks at everything a session needs, and says how to put right what is wrong."""

import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib import metadata, util
from pathlib import Path
from typing import Final

from daemon.config import Config, ConfigError, HttpConfig
from daemon.config_file import find_file, load, user_config_folder, user_state_folder
from daemon.doctor_models import large_models, training_speed
from daemon.finding import Finding
from daemon.guest_book import FILE_NAME, read_book
from daemon.session_folder import sessions_folder
from daemon.sound import audio_devices, can_be_heard, engine_problem, try_device

SLOW_SYNC_SECONDS: Final = 0.25
WANTED_REALTIME_PRIORITY: Final = 60
STRANGERS: Final = ("python-daemon", "realtime")
"""PyPI distributions that install packages named like ours."""


def examine(config_path: Path | None, settings: Sequence[str], environment: Mapping[str, str]) -> list[Finding]:
    """Everything, in the order in which it should be put right."""
    findings = [*_packages(), _engine()]
    try:
        config = load(config_path, settings, environment)
        file = find_file(config_path)
        findings.append(Finding("configuration", ok=True, seen=str(file or "built-in defaults")))
    except ConfigError as error:
        findings += [Finding("configuration", ok=False, seen=p, fix="see above") for p in error.problems]
        config = Config()
    checks: tuple[Callable[[Config], Finding], ...] = (
        _audio_device,
        _audio_output,
        _graphics,
        _styles,
        _phrase_model,
        _midi,
        _virtual_ports,
        _realtime,
        _osc,
        _http,
        _link,
        _zeroconf,
        _guests,
        _session_folder,
        large_models,
    )
    findings += [_safely(check, config) for check in checks]
    return [*findings, *training_speed()]


def _safely(check: Callable[[Config], Finding], config: Config) -> Finding:
    """A check that fails in an unforeseen way is a finding, too."""
    try:
        return check(config)
    except Exception as error:
        what = check.__name__.strip("_").replace("_", " ")
        return Finding(what, ok=False, seen=f"{type(error).__name__}: {error}", fix="please report this")


def _packages() -> Iterator[Finding]:
    """`daemon` and `realtime` are names that two other distributions use as well."""
    here = Path(__file__).resolve().parent.parent
    for name in ("daemon", "realtime"):
        spec = util.find_spec(name)
        origin = Path(spec.origin).resolve().parent if spec and spec.origin else None
        ok = origin == here / name
        fix = "" if ok else "install sideman in an environment of its own: pipx install sideman"
        yield Finding(f"package {name}", ok=ok, seen=str(origin), fix=fix)
    for stranger in STRANGERS:
        try:
            version = metadata.version(stranger)
        except metadata.PackageNotFoundError:
            continue
        yield Finding(
            f"distribution {stranger}",
            ok=False,
            seen=f"version {version} is installed and has a package named like ours",
            fix=f"pip uninstall {stranger}, or install sideman in an environment of its own",
        )


def _engine() -> Finding:
    problem = engine_problem()
    fix = "from a checkout: maturin develop --release; from PyPI: install sideman again" if problem else ""
    return Finding("sound engine", ok=not problem, seen=problem or "built", fix=fix)


def _phrase_model(config: Config) -> Finding:
    """Whether there is a model that plays solos, and whether it answers before a beat is due."""
    from daemon.models.phrase_player import look  # noqa: PLC0415 - read only here

    return Finding("phrase model", *look(config))


def _audio_device(config: Config) -> Finding:
    """Whether there is something to be heard through."""
    devices = audio_devices()
    wanted = config.audio.device
    if config.audio.host not in ("auto", "default"):
        devices = [name for name in devices if name.split(": ", 1)[0].lower() == config.audio.host.lower()]
        ok = bool(devices)
    elif wanted == "auto":
        ok = can_be_heard(config)
    else:
        ok = wanted in ("null", "wav") or any(wanted in name for name in devices)
    fix = "" if ok else "connect a device, start JACK or PipeWire, or choose null: --set audio.device=null"
    return Finding("audio device", ok=ok, seen=", ".join(devices) or _no_device(config), fix=fix, serious=False)


def _no_device(config: Config) -> str:
    host = config.audio.host
    if host in ("auto", "default"):
        return "none"
    return "none: no JACK server answers" if host == "jack" else f"none of {host}"


def _audio_output(config: Config) -> Finding:
    """Whether the configured device opens, and what it makes of the rate and block that were asked for."""
    from realtime.edges.clock import SystemClock  # noqa: PLC0415 - imports trio
    from realtime.edges.engine import EngineUnavailable  # noqa: PLC0415

    audio, what = config.audio, "audio output"
    if audio.device in ("null", "wav"):
        return Finding(what, ok=True, seen=f"{audio.device}: needs no device")
    try:
        device = try_device(config, SystemClock())
    except (EngineUnavailable, ValueError) as problem:
        fix = "the band plays without it and is heard within two seconds of its return; see audio device, audio.host"
        return Finding(what, ok=False, seen=str(problem), fix=fix, serious=False)
    seen = f"{device} opens"
    if (device.rate, device.frames) != (audio.rate, audio.frames):
        seen += f"; {audio.rate} Hz/{audio.frames} was asked for, and the engine follows the device"
    return Finding(what, ok=True, seen=seen)


def _graphics(_: Config) -> Finding:
    """A GPU is no need: without one the CPU renders everything."""
    from daemon.graphics import look  # noqa: PLC0415 - only the doctor needs it here

    return Finding("graphics processor", ok=True, seen=look().text(), serious=False)


def _styles(config: Config) -> Finding:
    from daemon.styles_folder import load_styles  # noqa: PLC0415 - may fail; then it is a finding

    try:
        names = sorted(load_styles(user_config_folder() / "styles").styles)
    except ConfigError as error:
        return Finding("styles", ok=False, seen=str(error), fix="correct the file, or move it away")
    ok = config.band.style in names
    fix = "" if ok else f"set band.style to one of them, not {config.band.style}"
    return Finding("styles", ok=ok, seen=", ".join(names) or "none", fix=fix)


def _midi(config: Config) -> Finding:
    from realtime.edges.midi_system import choose_backend  # noqa: PLC0415 - imports rtmidi

    chosen, why = choose_backend(config.midi.backend)  # type: ignore[arg-type]
    ok = chosen != "loopback" or config.midi.backend == "loopback"
    fix = "" if ok else "start a JACK or PipeWire server, or load the kernel module snd-seq (sudo modprobe snd-seq)"
    return Finding("MIDI system", ok=ok, seen=why, fix=fix, serious=False)


def _virtual_ports(config: Config) -> Finding:
    """Opens a port of our own and looks whether others could see it."""
    from realtime.edges.midi_backend import MidiUnavailable  # noqa: PLC0415 - as above
    from realtime.edges.midi_system import open_backend  # noqa: PLC0415

    try:
        backend = open_backend(config.midi.backend)  # type: ignore[arg-type]
        mouth = backend.speak("sideman doctor", virtual=True)
        seen = any("sideman doctor" in name for name in backend.sources())
        mouth.close()
        backend.close()
    except MidiUnavailable as error:
        return Finding("virtual MIDI ports", ok=False, seen=str(error), fix="choose another midi.backend")
    text = "can be opened and seen" if seen else "can be opened"
    return Finding("virtual MIDI ports", ok=True, seen=text)


def _realtime(_: Config) -> Finding:
    """Whether this user's programs may ask for real-time priority, as audio servers do."""
    if not sys.platform.startswith("linux"):
        return Finding("real-time priority", ok=True, seen="no limits on this system")
    import resource  # noqa: PLC0415 - only where there is one

    allowed = resource.getrlimit(resource.RLIMIT_RTPRIO)[0]
    ok = allowed == resource.RLIM_INFINITY or allowed >= WANTED_REALTIME_PRIORITY or os.geteuid() == 0
    seen = "root may do anything" if os.geteuid() == 0 else f"up to {allowed}"
    fix = "" if ok else "add '@audio - rtprio 95' to /etc/security/limits.d/audio.conf, join the group audio, log in"
    return Finding("real-time priority", ok=ok, seen=seen, fix=fix, serious=False)


def _osc(config: Config) -> Finding:
    return _port_is_free("OSC port", "osc.port", config.osc.host, config.osc.port, socket.SOCK_DGRAM)


def _http(config: Config) -> Finding:
    http = config.http
    if not http.enabled:
        return Finding("HTTP port", ok=True, seen="not wanted")
    finding = _port_is_free("HTTP port", "http.port", http.host, http.port, socket.SOCK_STREAM)
    return replace(finding, serious=http.port != HttpConfig().port)  # without the usual port the band plays on


def _link(config: Config) -> Finding:
    """An extra: only who wants to play in time with other programs needs it."""
    if util.find_spec("link") is not None:
        return Finding("Ableton Link", ok=True, seen="installed: --set parameters.transport/source=link")
    is_wanted = config.parameters.get("transport/source") == "link"
    fix = "pip install 'sideman[link]'" + ("" if is_wanted else ", if you want to play in time with other programs")
    return Finding("Ableton Link", ok=not is_wanted, seen="not installed", fix=fix, serious=False)


def _zeroconf(config: Config) -> Finding:
    """An extra, too: it spares typing an address into a tablet."""
    if util.find_spec("zeroconf") is not None:
        return Finding("zeroconf", ok=True, seen="installed: the band is announced where others can reach it")
    is_wanted = not config.http.is_local
    fix = "pip install 'sideman[zeroconf]', for tablets to find the band by themselves"
    return Finding("zeroconf", ok=not is_wanted, seen="not installed", fix=fix, serious=False)


def _guests(_: Config) -> Finding:
    """Who was refused by OSC when sideman last looked, and who may send."""
    what, path = "OSC guests", user_state_folder() / FILE_NAME
    try:
        book = read_book(path)
    except (OSError, ValueError) as error:
        return Finding(what, ok=False, seen=f"{path}: {error}", fix="correct the file, or delete it", serious=False)
    if book is None or not (book.asking or book.allowed):
        return Finding(what, ok=True, seen="nobody asks")
    seen = f"asking: {', '.join(book.asking) or 'nobody'}; allowed: {', '.join(book.allowed) or 'nobody'}"
    fix = f"if it is yours: Allow on the page, or --set osc.allow='[\"{book.asking[-1]}\"]'" if book.asking else ""
    return Finding(what, ok=not book.asking, seen=seen, fix=fix, serious=False)


def _port_is_free(what: str, setting: str, host: str, port: int, kind: socket.SocketKind) -> Finding:
    try:
        family = socket.getaddrinfo(host, port, type=kind)[0][0]
        with socket.socket(family, kind) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        fix = f"stop what holds it (sideman itself?), or choose another: --set {setting}={port % 50_000 + 10_000}"
        return Finding(what, ok=False, seen=f"{host}:{port}: {error.strerror or error}", fix=fix)
    return Finding(what, ok=True, seen=f"{host}:{port} is free")


def _session_folder(config: Config) -> Finding:
    """Whether sessions can be kept, and how long the disk takes to be sure of a few lines."""
    folder = sessions_folder(config)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-") as probe:
            probe.write(b"x" * 4096)
            probe.flush()
            began = time.perf_counter()
            os.fsync(probe.fileno())
            took = time.perf_counter() - began
    except OSError as error:
        fix = "choose another with --set session.folder=PATH"
        return Finding("session folder", ok=False, seen=f"{folder}: {error.strerror or error}", fix=fix)
    ok = took < SLOW_SYNC_SECONDS
    fix = "" if ok else "a slow disk costs no music, but a power cut would cost more of the log"
    return Finding("session folder", ok=ok, seen=f"{folder}, {took * 1000:.1f} ms to sync", fix=fix, serious=False)
