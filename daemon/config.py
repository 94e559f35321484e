"""The configuration: every key, its default, its allowed values, and a check that lists all mistakes at once.

Pure: mappings in, a `Config` or a `ConfigError` out. Files, flags and environment are `daemon.config_file`'s.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_address
from typing import Annotated, Any, Final, get_type_hints

from daemon.config_rules import Addresses, Bindings, Latencies, MeterText, Names, Number, Rule, Switch, Text
from realtime.core.events import Value
from realtime.core.midi_binding import BadBinding, read_binding
from realtime.core.parameters import PARAMETERS, BadValue, Parameter, coerce
from realtime.core.units import MAX_TEMPO_BPM, MIN_TEMPO_BPM

SHORTEST_TOKEN: Final = 16
"""Characters; less can be guessed over a network."""

MIDI_BACKENDS: Final = ("auto", "coremidi", "alsa", "jack", "loopback")


_PORT: Final = Number(1, 65_535, "UDP port")


@dataclass(frozen=True, slots=True)
class MidiConfig:
    """Where MIDI comes in and goes out."""

    backend: Annotated[str, Text("how MIDI reaches this machine", MIDI_BACKENDS)] = "auto"
    inputs: Annotated[tuple[str, ...], Names("names (or parts of names) of MIDI inputs to open too")] = ()
    outputs: Annotated[tuple[str, ...], Names("names (or parts of names) of MIDI outputs to open too")] = ()
    mpe: Annotated[tuple[str, ...], Names("names of MIDI inputs that are MPE keyboards and do not say so")] = ()
    part_ports: Annotated[bool, Switch("a virtual MIDI output for each part, beside the one for all")] = False
    latency_ms: Annotated[tuple[str, ...], Latencies("how long MIDI outputs take until they sound")] = ()
    control: Annotated[tuple[dict[str, Value], ...], Bindings("what turns knobs and presses buttons")] = ()
    clock: Annotated[bool, Switch("send MIDI clock to the outputs")] = True
    thru: Annotated[bool, Switch("send what the player plays to the output on channel 1")] = False


@dataclass(frozen=True, slots=True)
class AudioConfig:
    """The sound engine and its device."""

    device: Annotated[str, Text("auto, null (no sound), wav, or a device's name", may_be_empty=False)] = "auto"
    host: Annotated[str, Text("audio system: auto, or alsa, jack, coreaudio, wasapi", may_be_empty=False)] = "auto"
    rate: Annotated[int, Number(8_000, 192_000, "sample rate, Hz")] = 48_000
    frames: Annotated[int, Number(16, 8_192, "block size, samples")] = 256
    soundfont: Annotated[str, Text("path of a SoundFont; empty: the built-in instruments")] = ""
    presets: Annotated[
        tuple[str, ...], Names("what parts play of the SoundFont: bass=33, keys=Rhodes, drums=128:8")
    ] = ()
    monitor: Annotated[bool, Switch("hear the player through the engine, too")] = True


def is_loopback(host: str) -> bool:
    """Whether a host to listen at is one that only this machine can reach."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class OscConfig:
    """OSC over UDP."""

    host: Annotated[str, Text("address to listen at", may_be_empty=False)] = "127.0.0.1"
    port: Annotated[int, _PORT] = 8000
    feedback_port: Annotated[int, _PORT] = 9000
    allow: Annotated[tuple[str, ...], Addresses("who may send, beside this machine and who was allowed")] = ()

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        return is_loopback(self.host)


@dataclass(frozen=True, slots=True)
class HttpConfig:
    """HTTP, WebSocket and OSCQuery over TCP."""

    enabled: Annotated[bool, Switch("whether there is HTTP at all")] = True
    host: Annotated[str, Text("address to listen at", may_be_empty=False)] = "127.0.0.1"
    port: Annotated[int, Number(0, 65_535, "TCP port; 0: any that is free")] = 8000
    token: Annotated[str, Text("what a client must bring; empty: nothing, on this machine alone")] = ""

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        return is_loopback(self.host)


@dataclass(frozen=True, slots=True)
class SessionConfig:
    """The session log."""

    folder: Annotated[str, Text("where sessions are kept; empty: the user's state folder")] = ""
    record: Annotated[bool, Switch("write a log of every session")] = True


@dataclass(frozen=True, slots=True)
class ModelsConfig:
    """The phrase model, and large models where the user has them."""

    phrase: Annotated[str, Text("plays solos: a phrase model's folder, embedded, or off; empty: by solo/model")] = ""
    qwen: Annotated[str, Text("a chat model's folder in mlx-lm's format, or owner/model; empty: Qwen 2.5 14B")] = ""
    qwen_adapter: Annotated[
        str, Text("folder of a LoRA for its melodies, as `sideman train` writes it; empty: none")
    ] = ""
    musiclang: Annotated[str, Text("the environment that has musiclang-predict; empty: our own")] = ""


@dataclass(frozen=True, slots=True)
class BandConfig:
    """How the band starts out."""

    style: Annotated[str, Text("name of the style", may_be_empty=False)] = "pop_ballad"
    seed: Annotated[int, Number(0, 2**63 - 1, "the same seed plays the same")] = 0
    tempo_bpm: Annotated[float, Number(MIN_TEMPO_BPM, MAX_TEMPO_BPM, "quarters a minute", whole=False)] = 96.0
    meter: Annotated[str, MeterText("time signature; empty: the style's own")] = ""


@dataclass(frozen=True, slots=True)
class OracleConfig:
    """How far the band thinks ahead."""

    commit_beats: Annotated[int, Number(1, 8, "beats decided for good")] = 1
    lookahead_beats: Annotated[int, Number(1, 32, "beats planned")] = 8
    memory: Annotated[str, Text("file in which the songs heard are remembered; empty: none")] = ""


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that can be configured."""

    midi: MidiConfig = MidiConfig()
    audio: AudioConfig = AudioConfig()
    osc: OscConfig = OscConfig()
    http: HttpConfig = HttpConfig()
    session: SessionConfig = SessionConfig()
    models: ModelsConfig = ModelsConfig()
    band: BandConfig = BandConfig()
    oracle: OracleConfig = OracleConfig()
    parameters: dict[str, Value] = field(default_factory=dict)
    """Starting values of any other parameter, by the path that OSC knows it by: "part/bass/level"."""

    def performer_parameters(self) -> dict[str, Value]:
        """The parameters a performer starts with."""
        return {
            "style": self.band.style,
            "transport/tempo": self.band.tempo_bpm,
            "commit": self.oracle.commit_beats,
            "lookahead": self.oracle.lookahead_beats,
            **self.parameters,
        }


SECTIONS: Final[dict[str, type]] = {
    "midi": MidiConfig,
    "audio": AudioConfig,
    "osc": OscConfig,
    "http": HttpConfig,
    "session": SessionConfig,
    "models": ModelsConfig,
    "band": BandConfig,
    "oracle": OracleConfig,
}


class ConfigError(ValueError):
    """The configuration is wrong; `problems` says everything that is, one line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def rules() -> dict[str, Rule]:
    """The rule of every key, by its dotted path."""
    table: dict[str, Rule] = {}
    for section, shape in SECTIONS.items():
        hints = get_type_hints(shape, include_extras=True)
        table.update({f"{section}.{f.name}": hints[f.name].__metadata__[0] for f in fields(shape)})
    return table


def _near(path: str, known: list[str]) -> str:
    close = difflib.get_close_matches(path, known, n=1)
    return f"did you mean {close[0]}?" if close else "no such key"


def _seen(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def from_mapping(mapping: Mapping[str, object]) -> Config:
    """The configuration that `mapping` (sections of keys, as TOML gives them) describes, over the defaults.

    Raises:
        ConfigError: with a line for every problem: the path, what was seen, what is allowed.
    """
    problems: list[str] = []
    known = rules()
    sections: dict[str, Any] = {}
    for section, content in mapping.items():
        if section == "parameters" and isinstance(content, Mapping):
            sections[section] = _parameters(content, problems)
        elif section not in SECTIONS:
            hint = _near(section, [*SECTIONS, "parameters", *known])
            problems.append(f"{section:.80}: unknown key; {hint}")
        elif not isinstance(content, Mapping):
            problems.append(f"{section}: must be a table of keys, but was {_seen(content)}")
        else:
            values = _section(section, content, known, problems)
            sections[section] = SECTIONS[section](**values)
    _check_across(sections, problems)
    if problems:
        raise ConfigError(problems)
    return Config(**sections)


def _section(
    section: str, content: Mapping[str, object], known: dict[str, Rule], problems: list[str]
) -> dict[str, Any]:
    good: dict[str, Any] = {}
    for key, value in content.items():
        path = f"{section}.{key}"
        rule = known.get(path)
        if rule is None:
            problems.append(f"{path:.80}: unknown key; {_near(path, list(known))}")
        elif not rule.accepts(value):
            problems.append(f"{path}: must be {rule.allowed}, but was {_seen(value)}")
        elif isinstance(rule, Number) and not rule.whole and isinstance(value, int | float):
            good[key] = float(value)
        else:
            good[key] = tuple(value) if isinstance(value, list) else value
    return good


def _parameters(content: Mapping[str, object], problems: list[str]) -> dict[str, Value]:
    good: dict[str, Value] = {}
    for path, value in content.items():
        parameter = PARAMETERS.get(path)
        at = f'parameters."{path:.80}"'
        if parameter is None:
            problems.append(f"{at}: no such parameter; {_near(path, list(PARAMETERS))}")
        elif not _fits(parameter, value):
            problems.append(f"{at}: must be {parameter.allowed}, but was {_seen(value)}")
        else:
            good[path] = coerce(path, value)
    return good


def _fits(parameter: Parameter, value: object) -> bool:
    """Stricter than `coerce`: a fader past its end is no mistake, a file that says so is."""
    try:
        coerced = coerce(parameter.path, value)
    except BadValue:
        return False
    return coerced == value


def _check_across(sections: dict[str, Any], problems: list[str]) -> None:
    """What no single key can be blamed for."""
    for number, table in enumerate(sections.get("midi", MidiConfig()).control):
        try:
            read_binding(**table)
        except BadBinding as problem:
            problems.append(f"midi.control[{number}]: {problem}")
    http = sections.get("http", HttpConfig())
    if http.enabled and not http.is_local and len(http.token) < SHORTEST_TOKEN:
        problems.append(
            f"http.token: must be at least {SHORTEST_TOKEN} characters where others can reach http.host ({http.host}),"
            f" but was {_seen(http.token)}"
        )
    oracle = sections.get("oracle", OracleConfig())
    if oracle.commit_beats > oracle.lookahead_beats:
        problems.append(
            f"oracle.commit_beats: must be at most oracle.lookahead_beats ({oracle.lookahead_beats}),"
            f" but was {oracle.commit_beats}"
        )
