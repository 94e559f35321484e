"""`sideman layout`: writes a controller's layout into a file."""

import argparse
import os
from pathlib import Path
from typing import Final

from daemon.config import ConfigError
from daemon.config_file import load, user_config_folder
from daemon.console import Console
from daemon.layouts.files import KINDS, Ports, layout
from daemon.styles_folder import load_styles

HINTS: Final = {
    "touchosc": "open it in TouchOSC's editor; its connection 1: UDP, to this machine, send {osc}, receive {feedback}",
    "max": "open it in Max on this machine; it sends to {osc} and listens at {feedback}",
    "pd": "open it in Pd 0.51 or newer on this machine; it sends to {osc} and is answered there",
}


def run(arguments: argparse.Namespace, console: Console) -> int:
    """`sideman layout touchosc|max|pd -o FILE`.

    Raises:
        ConfigError: the configuration is wrong, or the file cannot be written.
    """
    config = load(arguments.config, arguments.set, os.environ)
    styles = sorted(load_styles(user_config_folder() / "styles").styles)
    ports = Ports(config.osc.port, config.osc.feedback_port)
    content = layout(arguments.kind, styles, ports)
    file = arguments.output or Path(KINDS[arguments.kind].file)
    try:
        file.write_bytes(content)
    except OSError as error:
        raise ConfigError([f"-o {file}: {error.strerror or error}"]) from None
    hint = HINTS[arguments.kind].format(osc=ports.osc, feedback=ports.feedback)
    console.result({"ok": True, "file": str(file), "bytes": len(content)}, [f"{file}: {hint}"])
    return 0
