"""Finds and reads the styles: those that come with sideman, and the user's own, which win by name."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from daemon.config import ConfigError
from daemon.feel_folder import with_feel
from daemon.forms_folder import load_forms
from daemon.memory_file import fingerprint
from daemon.session_format import BadLog, Header

if TYPE_CHECKING:
    from realtime.core.performer import Performer
    from realtime.core.style import Style

MAX_STYLE_BYTES = 256_000


@dataclass(frozen=True, slots=True)
class StyleShelf:
    """The styles by name: as read (`mappings`, for the log) and as the band plays them (`styles`); songs and forms."""

    mappings: dict[str, dict[str, Any]]
    styles: "dict[str, Style]"
    forms: dict[str, str] = field(default_factory=dict)
    """Charts that the band knows by heart, by name."""


def parse_styles(mappings: Mapping[str, Mapping[str, Any]]) -> "dict[str, Style]":
    """The styles in mappings, as a log's header holds them.

    Raises:
        ConfigError: with a line for every style that is none.
    """
    from realtime.core.style_reader import StyleError, parse_style  # noqa: PLC0415 - read only when played

    styles: dict[str, Style] = {}
    problems: list[str] = []
    for name, mapping in mappings.items():
        try:
            styles[name] = parse_style(mapping, name)
        except StyleError as error:
            problems.append(f"style {name}: {error}")
    if problems:
        raise ConfigError(problems)
    return styles


def load_styles(user_folder: Path | None = None) -> StyleShelf:
    """All styles there are, and the charts that are known by heart, which lie in the folder `charts` beside them.

    Raises:
        ConfigError: with a line for every file that cannot be read.
    """
    mappings: dict[str, dict[str, Any]] = {}
    problems: list[str] = []
    for file in _files(user_folder):
        name = file.name.removesuffix(".toml")
        try:
            mappings[name] = read_mapping(file)
        except (OSError, ValueError, RecursionError) as error:
            problems.append(f"{file}: {error}")
    if problems:
        raise ConfigError(problems)
    forms = load_forms(user_folder.parent / "charts" if user_folder is not None else None)
    return StyleShelf(mappings, parse_styles(mappings), forms)


def read_mapping(file: Traversable) -> dict[str, Any]:
    """A style's file as a mapping, with the feel of the drummers it asks for.

    Raises:
        OSError, ValueError, RecursionError: it cannot be read, is too large, is no TOML, or asks for nobody we know.
    """
    data = file.read_bytes()
    if len(data) > MAX_STYLE_BYTES:
        raise ValueError(f"is larger than {MAX_STYLE_BYTES} bytes")
    return with_feel(tomllib.loads(data.decode()))


def _files(user_folder: Path | None) -> Iterator[Traversable]:
    """Built-in files first, so that a user's file of the same name replaces them."""
    folders: list[Traversable] = [resources.files("daemon").joinpath("styles")]
    if user_folder is not None:
        folders.append(user_folder)
    for folder in folders:
        if folder.is_dir():
            yield from sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)


def check_style(name: str, shelf: StyleShelf) -> None:
    """Raises `ConfigError` if there is no style `name`."""
    if name not in shelf.styles:
        raise ConfigError([f"band.style: must be one of {', '.join(sorted(shelf.styles))}, but was {name!r:.80}"])


def performer_of(header: Header, memory: bytes = b"") -> "Performer":
    """The performer that a session's header describes, with the memory it names: the same one, whenever it is made.

    Raises:
        BadLog: the header's styles or parameters are none.
    """
    from daemon.weights_folder import fingerprints, load_weights  # noqa: PLC0415 - read only when played
    from realtime.core.performer import Performer  # noqa: PLC0415
    from realtime.core.weights import Weights  # noqa: PLC0415

    if header.weights and header.weights != fingerprints():
        raise BadLog(1, f"was played with weights {header.weights}, but here are {fingerprints()}")
    if header.memory != fingerprint(memory):
        seen = "another is" if memory else "none is"
        raise BadLog(1, f"was played with the memory {header.memory or 'of nothing':.16}, but {seen} here")
    try:
        styles = parse_styles(header.styles)
        weights = load_weights() if header.weights else Weights()
        return Performer(
            styles,
            seed=header.seed,
            parameters=header.parameters,
            weights=weights,
            memory=memory,
            forms=header.forms,
        )
    except (ValueError, KeyError, TypeError) as error:
        raise BadLog(1, f"the header describes no band: {error}") from None
