"""Where the configuration comes from: a TOML file, then the environment, then flags; the later wins."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from daemon.config import Config, ConfigError, from_mapping

ENVIRONMENT_PREFIX: Final = "SIDEMAN_"
MAX_FILE_BYTES: Final = 1_000_000


def user_config_folder() -> Path:
    """The folder where this user's configuration and styles live; it need not exist."""
    from platformdirs import PlatformDirs  # noqa: PLC0415 - keeps `sideman --help` quick

    return Path(PlatformDirs("sideman", appauthor=False).user_config_dir)


def user_state_folder() -> Path:
    """The folder where sessions are kept unless configured otherwise; it need not exist."""
    from platformdirs import PlatformDirs  # noqa: PLC0415

    return Path(PlatformDirs("sideman", appauthor=False).user_state_dir)


def find_file(explicit: Path | None, folder: Path | None = None) -> Path | None:
    """The file to read: the one asked for, else the user's `config.toml`, else none."""
    if explicit is not None:
        return explicit
    candidate = (folder or user_config_folder()) / "config.toml"
    return candidate if candidate.is_file() else None


def load(
    explicit: Path | None = None,
    settings: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    *,
    folder: Path | None = None,
) -> Config:
    """The configuration from file, `environment` and `settings` ("osc.port=18000"); the later wins.

    Raises:
        ConfigError: with every problem in all three.
    """
    problems: list[str] = []
    merged: dict[str, Any] = {}
    path = find_file(explicit, folder)
    if path is not None:
        merged = _read(path)
    for name, text in sorted((environment or {}).items()):
        if name.startswith(ENVIRONMENT_PREFIX) and "__" in name:
            key = name.removeprefix(ENVIRONMENT_PREFIX).lower().replace("__", ".", 1)
            _put(merged, key, _value(text), problems)
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals or "." not in key:
            problems.append(f"--set {setting:.80}: must be KEY=VALUE with a dotted KEY, as osc.port=18000")
        else:
            _put(merged, key.strip(), _value(text.strip()), problems)
    try:
        config = from_mapping(merged)
    except ConfigError as error:
        raise ConfigError([*problems, *_with_source(error.problems, path)]) from None
    if problems:
        raise ConfigError(problems)
    return config


def _with_source(problems: list[str], path: Path | None) -> list[str]:
    return problems if path is None else [f"{problem} ({path})" for problem in problems]


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ConfigError([f"{path}: is larger than {MAX_FILE_BYTES} bytes"])
        return tomllib.loads(path.read_bytes().decode())
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror or error}"]) from None
    except UnicodeDecodeError as error:
        raise ConfigError([f"{path}: is not UTF-8 text (byte {error.start})"]) from None
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        if isinstance(error, ConfigError):
            raise
        raise ConfigError([f"{path}: is not TOML: {error}"]) from None


def _value(text: str) -> object:
    """A TOML value; what is none is taken as the bare text it is."""
    if "\n" in text or "\r" in text:
        return text
    try:
        parsed = tomllib.loads(f"value = {text}\n")
    except (ValueError, RecursionError):
        return text
    return parsed["value"] if len(parsed) == 1 and "value" in parsed else text


def _put(mapping: dict[str, Any], key: str, value: object, problems: list[str]) -> None:
    section, _, rest = key.partition(".")
    table = mapping.setdefault(section, {})
    if isinstance(table, dict):
        table[rest.strip().strip('"')] = value
    else:
        problems.append(f"{key:.80}: cannot be set, for {section} is not a table")
