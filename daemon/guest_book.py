"""What is remembered of others on the network, in the state folder: the token for the page, and who may send OSC.

Rules. The file is for this user's eyes only. The music never waits for the disk. A file that cannot be read is said
once, left alone, and not written over; there is a new token then, and nobody is allowed.
"""

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import trio

from daemon.kept_file import write_whole
from realtime.edges.guest_list import MOST_ALLOWED, MOST_ASKING, BadAddress, GuestList

FILE_NAME: Final = "guests.json"
KEEP_SECONDS: Final = 1.0
MOST_BYTES: Final = 100_000
_LETTERS: Final = "abcdefghijkmnpqrstuvwxyz23456789"
"""No l, o, 0, 1: the token may have to be typed."""

_GROUPS, _GROUP = 4, 5
"""Twenty letters of 32: 100 bits."""


class Book(msgspec.Struct, frozen=True):
    """What the file holds. `asking` is there for the doctor: who was refused when the file was written."""

    token: str
    allowed: tuple[str, ...] = ()
    asking: tuple[str, ...] = ()


def new_token() -> str:
    """A token nobody guesses, and anybody can type: "k7wd3-…"."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))


def read_book(path: Path) -> Book | None:
    """The file; None if there is none.

    Raises:
        ValueError: it is no such file.
        OSError: it cannot be read.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError(f"it is larger than {MOST_BYTES} bytes")
        book = msgspec.json.decode(path.read_bytes(), type=Book)
    except FileNotFoundError:
        return None
    if len(book.allowed) > MOST_ALLOWED or len(book.asking) > MOST_ASKING:
        raise ValueError("it names more guests than there can be")
    GuestList(allowed=(*book.allowed, *book.asking))
    return book


class GuestBook:
    """The file, and the list of guests that it is about.

    Args:
        path: the file; need not exist yet.
        listed: addresses and networks that the configuration lets in.

    Raises:
        BadAddress: the configuration lists one that is none.
    """

    def __init__(self, path: Path, listed: Sequence[str] = ()) -> None:
        self._path = path
        self.trouble = ""
        """What is wrong with the file, for people; empty if nothing is."""
        book = self._read()
        self.token = book.token if book and book.token else new_token()
        """What the page asks for, where the configuration names no other."""
        self.guests = GuestList(listed, book.allowed if book else ())
        self._written = -1

    def save(self) -> None:
        """Writes the file, if there is news. Waits for the disk."""
        guests = self.guests
        if self.trouble or guests.changes == self._written:
            return
        changes, book = guests.changes, Book(self.token, guests.allowed, guests.asking)
        try:
            write_whole(self._path, msgspec.json.format(msgspec.json.encode(book), indent=2), mode=0o600)
            self._written = changes
        except OSError as error:
            self.trouble = f"{self._path}: who is allowed cannot be kept: {error.strerror or error}"

    async def keep(self) -> None:
        """Writes what changed, for ever."""
        while True:
            if self.guests.changes != self._written and not self.trouble:
                await trio.to_thread.run_sync(self.save)
            await trio.sleep(KEEP_SECONDS)

    def _read(self) -> Book | None:
        try:
            return read_book(self._path)
        except (OSError, ValueError, BadAddress) as error:
            self.trouble = f"{self._path}: who was allowed before cannot be read: {error}"
            return None
