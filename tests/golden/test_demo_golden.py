"""The bundled performance and what the band made of it, as a score: a change of music shows as a diff.

After a change that is meant: `pytest tests/golden --update-golden`, and read the diff.
"""

from pathlib import Path

from daemon.demo_tune import demo_script
from realtime.core.events import ChordForeseen, ChordHeard, NoteOn
from realtime.core.offline import play
from realtime.core.performer import Performer
from realtime.core.units import Micros

GOLDEN = Path(__file__).parent / "demo_score.txt"
BARS = 12
BAR_TICKS = 3840
DRUMS = {
    36: "kick",
    37: "rim",
    38: "snare",
    42: "hat",
    46: "open",
    49: "crash",
    51: "ride",
    54: "tambourine",
    70: "shaker",
}


def line_of(stamped, heart):
    """A line of the score: when in bars, beats and ticks, who, what, how loud."""
    bar, ticks = divmod(heart.position(stamped.at), BAR_TICKS)
    when = f"{bar + 1:>2}.{ticks // 960 + 1}.{ticks % 960:03}"
    match stamped.event:
        case NoteOn(part="player"):
            return None
        case NoteOn(part, _, pitch, velocity):
            return f"{when} {part:<5} {DRUMS.get(pitch, pitch) if part == 'drums' else pitch} {velocity}"
        case ChordHeard(chord, _):
            return f"{when} heard {chord}"
        case ChordForeseen(chord=chord, beats_away=away):
            return f"{when} foreseen in {away}: {chord}"
        case _:
            return None


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
