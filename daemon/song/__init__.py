"""The studio: whole pieces offline, with the same oracle, band, soloist and engine that play live.

from daemon.song import generate
piece = generate({"genre": "gospel", "key": "C", "bars": 8, "seed": 1}, Path("take1"))
"""

from daemon.song.make import Studio, generate
from daemon.song.piece import Piece
from daemon.song.request import BadRequest, Fault, SongRequest

__all__ = ["BadRequest", "Fault", "Piece", "SongRequest", "Studio", "generate"]
