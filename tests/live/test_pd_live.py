"""Pure Data drives the daemon through a whole song, by OSC alone."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from daemon.session_format import OutputLine
from daemon.session_reader import open_session
from realtime.core.events import Stamped
from tests import song_by_control
from tests.live.conftest import stop
from tests.live.test_daemon_live import Daemon, replay

PATCH = Path(__file__).with_suffix("").parent / "song_by_control.pd"
SONG_SECONDS = 40


@pytest.fixture
def pd() -> str:
    """Pure Data, without a window; CI must have it."""
    program = shutil.which("pd")
    if program is None:
        reason = "Pure Data is not on this machine (apt-get install puredata-core)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return program


def test_pure_data_plays_a_song_from_its_intro_to_its_ending(pd: str, tmp_path: Path) -> None:
    daemon = Daemon(tmp_path, "midi.backend=loopback", "audio.device=null")
    try:
        begin = f"port {daemon.osc_port}; script symbol {song_by_control.SCRIPT.name}; start bang"
        command = [pd, "-nogui", "-noaudio", "-nomidi", "-open", str(PATCH), "-send", begin]
        subprocess.run(command, check=True, timeout=SONG_SECONDS, capture_output=True)
        assert stop(daemon.process, signal.SIGTERM) == 0, daemon.errors()
    finally:
        stop(daemon.process)
    lines = [numbered.line for numbered in open_session(daemon.session()).lines()]
    song_by_control.tell([Stamped(line.at, line.event) for line in lines if isinstance(line, OutputLine)])
    verdict = replay(daemon.session())
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr
