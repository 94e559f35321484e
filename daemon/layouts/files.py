"""The layouts as files: what each kind is called, and its bytes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from daemon.layouts.maxpat import maxpat
from daemon.layouts.pages import pages
from daemon.layouts.puredata import patch
from daemon.layouts.surface import Page
from daemon.layouts.touchosc import tosc


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the band listens to OSC, and where it tells."""

    osc: int
    feedback: int


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of layout: the name of its file, its media type, and who writes it."""

    file: str
    media_type: str
    write: Callable[[Sequence[Page], Ports], bytes]


KINDS: Final[dict[str, Kind]] = {
    "touchosc": Kind("sideman.tosc", "application/octet-stream", lambda all_, ports: tosc(all_, ports.feedback)),
    "max": Kind("sideman.maxpat", "application/json", lambda all_, ports: maxpat(all_, ports.osc, ports.feedback)),
    "pd": Kind("sideman.pd", "text/plain; charset=utf-8", lambda all_, ports: patch(all_, ports.osc)),
}
"""By the word that names them."""


def layout(kind: str, styles: Sequence[str], ports: Ports) -> bytes:
    """The file of one of `KINDS`, with a button for each of the styles.

    Raises:
        KeyError: there is no such kind.
    """
    return KINDS[kind].write(pages(styles), ports)
