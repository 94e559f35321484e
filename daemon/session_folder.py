"""Where sessions are kept: one folder a session, named by the local date and time it began."""

import platform
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from daemon import __version__
from daemon.config import Config, ConfigError
from daemon.config_file import user_state_folder
from daemon.memory_file import fingerprint
from daemon.session_format import BadLog, Header
from daemon.session_reader import LOG_NAME, MEMORY_NAME, open_session
from daemon.weights_folder import fingerprints

TOKENS_NAME: Final = "tokens.jsonl"
PERFORMANCE_NAME: Final = "performance.mid"
BAND_NAME: Final = "band.mid"
MIX_NAME: Final = "mix.wav"
SUMMARY_NAME: Final = "summary.json"
SESSION_FILES: Final = (LOG_NAME, MEMORY_NAME, TOKENS_NAME, PERFORMANCE_NAME, BAND_NAME, MIX_NAME, SUMMARY_NAME)
"""All that a session can leave in its folder."""


@dataclass(frozen=True, slots=True)
class SessionEntry:
    """A session on the shelf. `seconds` is None where no summary was written: it was cut off."""

    name: str
    path: str
    started: str
    style: str
    bytes: int
    seconds: float | None
    trouble: str = ""


def sessions_folder(config: Config) -> Path:
    """The folder that holds all sessions."""
    return Path(config.session.folder).expanduser() if config.session.folder else user_state_folder() / "sessions"


def new_session_folder(parent: Path) -> Path:
    """A fresh folder in `parent`; two sessions in one second get two.

    Raises:
        OSError: it cannot be made.
    """
    name = datetime.now().astimezone().strftime("%Y-%m-%d_%H-%M-%S")
    for number in range(1, 1000):
        folder = parent / (name if number == 1 else f"{name}_{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        return folder
    raise OSError(f"{parent}: a thousand sessions in one second")


def empty_output_folder(folder: Path) -> None:
    """Makes `folder` ready for a new take: it exists, and what an earlier take left there is gone.

    Raises:
        ConfigError: it cannot be.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in SESSION_FILES:
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        reason = error.strerror or error
        raise ConfigError([f"-o {folder}: must be a folder that can be written, but {reason}"]) from None


def make_header(
    config: Config,
    styles: Mapping[str, dict[str, Any]],
    seed: int,
    memory: bytes = b"",
    forms: Mapping[str, str] | None = None,
) -> Header:
    """The first line of a log that begins now, with a band that knows `memory`, and `forms` by heart."""
    return Header(
        version=__version__,
        seed=seed,
        parameters=config.performer_parameters(),
        styles=dict(styles),
        forms=dict(forms or {}),
        config=_without_secrets(config),
        weights=fingerprints(),
        memory=fingerprint(memory),
        started=datetime.now().astimezone().isoformat(timespec="milliseconds"),
        python=sys.version.split()[0],
        platform=platform.platform(),
    )


def _without_secrets(config: Config) -> dict[str, Any]:
    """The configuration as a log may tell it: logs are given away, tokens are not."""
    token = "(secret)" if config.http.token else ""
    return asdict(replace(config, http=replace(config.http, token=token)))


def list_sessions(parent: Path) -> Iterator[SessionEntry]:
    """The sessions in `parent`, oldest first."""
    if not parent.is_dir():
        return
    for folder in sorted(parent.iterdir()):
        if (folder / LOG_NAME).is_file():
            yield session_entry(folder)


def session_entry(folder: Path) -> SessionEntry:
    """What the shelf says of the session in `folder`."""
    log = folder / LOG_NAME
    try:
        header = open_session(folder).header
    except (BadLog, OSError) as error:
        return SessionEntry(folder.name, str(folder), "", "", log.stat().st_size, None, str(error))
    return SessionEntry(
        folder.name,
        str(folder),
        header.started,
        str(header.parameters.get("style", "")),
        log.stat().st_size,
        _seconds(folder / SUMMARY_NAME),
    )


def _seconds(summary: Path) -> float | None:
    try:
        value = msgspec.json.decode(summary.read_bytes()).get("seconds")
    except (OSError, msgspec.MsgspecError, AttributeError):
        return None
    return float(value) if isinstance(value, int | float) else None
