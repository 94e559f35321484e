"""One session after another while the band is live: each recorded whole, each played again to the same notes."""

import signal
from pathlib import Path

from daemon.session_format import InputLine
from daemon.session_reader import open_session
from realtime.core.events import NoteOn, ParameterSet
from tests.live.conftest import osc_dump, stop, wait_for
from tests.live.test_daemon_live import Daemon, replay


def chord(daemon: Daemon, *pitches: int) -> None:
    for velocity in (90, 0):
        for pitch in pitches:
            daemon.osc("/sideman/note", "ii", str(pitch), str(velocity))


def sessions(daemon: Daemon) -> list[Path]:
    return sorted(log.parent for log in daemon.folder.glob("*/session.jsonl"))


def test_a_session_begins_anew_and_ends_on_command_and_every_one_can_be_played_again(tmp_path: Path) -> None:
    daemon = Daemon(tmp_path, "midi.backend=loopback", "audio.device=null")
    try:
        with osc_dump(daemon.feedback_port, tmp_path / "osc.txt") as dump:
            daemon.osc("/sideman/energy", "f", "0.875")
            daemon.osc("/sideman/transport/start")
            chord(daemon, 48, 52, 55)
            wait_for(lambda: sum("/sideman/beat" in line for line in dump.lines()) > 4, what="the band plays")
            daemon.osc("/sideman/session/start")
            wait_for(lambda: len(sessions(daemon)) == 2, 20, "a second session")
            wait_for((sessions(daemon)[0] / "summary.json").exists, 20, "the first is written")
            assert any("/sideman/transport/state ifs 0" in line for line in dump.lines())
            told = len(dump.lines())
            daemon.osc("/sideman/transport/start")
            chord(daemon, 50, 53, 57)
            wait_for(lambda: sum("/sideman/beat" in line for line in dump.lines()[told:]) > 4, what="it plays again")
            daemon.osc("/sideman/session/stop")
            wait_for((sessions(daemon)[1] / "summary.json").exists, 20, "the second is written")
            told = len(dump.lines())
            daemon.osc("/sideman/transport/start")
            wait_for(lambda: any("/sideman/beat" in line for line in dump.lines()[told:]), what="it plays unrecorded")
        assert stop(daemon.process, signal.SIGTERM) == 0, daemon.errors()
    finally:
        stop(daemon.process)
    first, second = sessions(daemon)
    for session, pitch in ((first, 48), (second, 50)):
        verdict = replay(session)
        assert verdict.returncode == 0, verdict.stdout + verdict.stderr
        played = [line.event for line in open_session(session).outputs() if isinstance(line.event, NoteOn)]
        assert any(note.part == "player" and note.pitch == pitch for note in played)
        assert any(note.part != "player" for note in played)
    assert open_session(second).header.parameters["energy"] == 0.875
    inputs = [numbered.line for numbered in open_session(second).lines() if isinstance(numbered.line, InputLine)]
    assert not any(isinstance(line.event, ParameterSet) for line in inputs)
