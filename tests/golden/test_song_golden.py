"""A song by control alone, offline: the same script that Pure Data plays, and what the band made of it as a score.

After a change that is meant: `pytest tests/golden --update-golden`, and read the diff.
"""

import tomllib
from pathlib import Path

import pytest

from realtime.core.offline import play
from realtime.core.performer import Performer
from realtime.core.style_reader import parse_style
from realtime.core.units import Micros
from tests import song_by_control
from tests.conftest import STYLES
from tests.score import line_of

GOLDEN = Path(__file__).parent / "song_score.txt"
UNTIL = Micros(26_000_000)


@pytest.fixture
def heart(ballad):
    rock = parse_style(tomllib.loads((STYLES / "pop_rock_eighths.toml").read_text()), "pop_rock_eighths")
    return Performer({"pop_ballad": ballad, "pop_rock_eighths": rock}, seed=0)


def test_a_song_played_by_control_alone_has_its_sections_in_order_and_ends_by_itself(heart):
    song_by_control.tell(list(play(heart, song_by_control.script(), UNTIL)))


def test_the_band_plays_the_song_as_it_did(heart, request):
    lines = [line_of(stamped, heart) for stamped in play(heart, song_by_control.script(), UNTIL)]
    played = "\n".join(line for line in lines if line) + "\n"
    if request.config.getoption("--update-golden"):
        GOLDEN.write_text(played)
    assert played == GOLDEN.read_text()
