"""The studio: whole pieces offline, with the same oracle, band, soloist and engine that play live.

from daemon.song import generate
piece = generate({"genre": "gospel", "key": "C", "bars": 8, "seed": 1}, Path("take1"))
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from daemon.song.make import Studio, generate
    from daemon.song.piece import Piece
    from daemon.song.request import BadRequest, Fault, SongRequest

__all__ = ["BadRequest", "Fault", "Piece", "SongRequest", "Studio", "generate"]

_HOME: Final = {
    "BadRequest": "request", "Fault": "request", "SongRequest": "request", "Piece": "piece", "Studio": "make",
    "generate": "make",
}  # fmt: skip


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever it is
    """Imported when it is asked for: who only reads the rules of a request need not wait for the band."""
    if name not in _HOME:
        raise AttributeError(f"module 'daemon.song' has no attribute {name!r}")
    return getattr(import_module(f"daemon.song.{_HOME[name]}"), name)
