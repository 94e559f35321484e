"""The bundled performance and what the band made of it, as a score: a change of music shows as a diff.

After a change that is meant: `pytest tests/golden --update-golden`, and read the diff.
"""

from pathlib import Path

from daemon.demo_tune import demo_script
from realtime.core.offline import play
from realtime.core.performer import Performer
from realtime.core.units import Micros
from tests.score import line_of

GOLDEN = Path(__file__).parent / "demo_score.txt"
BARS = 12


def score(ballad):
    script = demo_script(0)
    heart = Performer({"pop_ballad": ballad}, seed=0)
    bar_micros = 4 * 60_000_000 / script.tempo_bpm
    until = Micros(int(BARS * bar_micros))
    lines = [line_of(stamped, heart) for stamped in play(heart, script.inputs, until)]
    return "\n".join(line for line in lines if line) + "\n"


def test_the_band_plays_the_demo_as_it_did(ballad, request):
    played = score(ballad)
    if request.config.getoption("--update-golden"):
        GOLDEN.write_text(played)
    assert played == GOLDEN.read_text()
