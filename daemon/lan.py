"""`sideman run --lan`: OSC and HTTP for the local network, and what a phone must know to come in."""

import socket
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from daemon.config import Config
from daemon.config_file import user_state_folder
from daemon.guest_book import FILE_NAME, GuestBook

EVERYWHERE: Final = "0.0.0.0"
SOMEWHERE_ELSE: Final = ("10.255.255.255", 9)
"""Nothing is sent there: asking the system for the way tells which of our addresses the network sees."""

_QUIET_ZONE: Final = 2
_WHITE_ON_BLACK, _RESET = "\033[97;40m", "\033[0m"


def with_lan(config: Config, token: str) -> Config:
    """The configuration with OSC and HTTP open to the network; a token and addresses of its own are kept."""
    http, osc = config.http, config.osc
    if http.is_local:
        http = replace(http, host=EVERYWHERE)
    return replace(
        config,
        http=replace(http, enabled=True, token=http.token or token),
        osc=replace(osc, host=EVERYWHERE) if osc.is_local else osc,
    )


def opened_to_guests(config: Config, *, lan: bool, say: Callable[[str], None]) -> tuple[Config, GuestBook | None]:
    """The configuration, with `lan` open to the network; and who may come in, where anybody can."""
    if not lan and config.http.is_local and config.osc.is_local:
        return config, None
    book = GuestBook(user_state_folder() / FILE_NAME, config.osc.allow)
    if book.trouble:
        say(book.trouble)
    return with_lan(config, book.token) if lan else config, book


def own_address() -> str:
    """This machine's address in the local network; empty if it is in none. Sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(SOMEWHERE_ELSE)
            found = str(probe.getsockname()[0])
        except OSError:
            return ""
    return "" if found.startswith("127.") or found == EVERYWHERE else found


def pairing_url(http: str, token: str) -> str:
    """What a phone opens to come in; `http` is where the page is, with the address or "0.0.0.0"."""
    return f"{http.replace(EVERYWHERE, own_address() or '127.0.0.1')}/pair?token={token}"


def invitation(url: str, *, colour: bool) -> list[str]:
    """The QR code of `url` and what to do with it, as lines for a terminal. `colour`: it knows colours."""
    page = url.partition("/pair")[0]
    lines = [
        *_qr_lines(url, colour=colour),
        f"On the phone or tablet, in the same network: scan this, or open {url}",
        f"(or {page}, and type the token there). A device that is new to OSC appears on the page as asking.",
    ]
    if not own_address():
        lines.append("This machine seems to be in no network: other devices cannot reach it yet.")
    return lines


def _qr_lines(text: str, *, colour: bool) -> list[str]:
    """A QR code in half blocks, light on dark."""
    import segno  # noqa: PLC0415 - only where there is something to invite to

    rows = [list(row) for row in segno.make(text, error="l", micro=False).matrix_iter(border=_QUIET_ZONE)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    blocks = {(0, 0): "█", (0, 1): "▀", (1, 0): "▄", (1, 1): " "}
    lines = []
    for upper, lower in zip(rows[::2], rows[1::2], strict=True):
        line = "".join(blocks[bool(u), bool(w)] for u, w in zip(upper, lower, strict=True))
        lines.append(f"{_WHITE_ON_BLACK}{line}{_RESET}" if colour else line)
    return lines
