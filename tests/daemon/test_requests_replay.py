"""What the player asks for in words is in the log, and plays again."""

from dataclasses import replace

from daemon.config import Config
from daemon.demo_tune import demo_script
from daemon.perform import Order, perform
from daemon.replay import replay
from daemon.session_format import InputLine
from daemon.session_reader import open_session
from daemon.styles_folder import load_styles, performer_of
from realtime.core.events import ActionRequested, Stamped
from realtime.core.units import Micros

ASKED = [
    (7_000_000, "plan/hold", (4.0,)),
    (9_000_000, "plan/hold", (-1,)),
    (11_000_000, "plan/veto", ()),
    (11_500_000, "plan/hold", ("long",)),
    (12_000_000, "song/next", ()),
]


def test_holds_and_the_next_song_play_again(tmp_path):
    script = demo_script()
    asked = [Stamped(Micros(at), ActionRequested(path, words, "test")) for at, path, words in ASKED]
    inputs = sorted([*(s for s in script.inputs if s.at < 20_000_000), *asked], key=lambda stamped: stamped.at)
    script = replace(script, inputs=tuple(inputs), last_input=inputs[-1].at)
    perform(Order(script, tmp_path, Config(), load_styles(), fast=True, source="a test"), lambda _: None, print)
    session = open_session(tmp_path)
    logged = [
        line.line.event.path
        for line in session.lines()
        if isinstance(line.line, InputLine) and hasattr(line.line.event, "path")
    ]
    assert [path for path in logged if path.startswith(("plan", "song"))] == [path for _, path, _ in ASKED]
    verdict = replay(session, performer_of)
    assert verdict.is_clean, verdict
