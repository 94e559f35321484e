"""A real DAW among the listeners: Ardour records `sideman out`, and its saved take is read back note for note.

Run with -s for how far the places of notes in the take are from where they were meant to be.
"""

import json
import shutil
import signal
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import mido
import pytest

from tests.live.conftest import Jack, listening, stop, wait_for
from tests.live.test_daemon_live import OUT, Daemon, play_keys, start

__all__ = ["start"]

ARDOUR = next((name for name in ("ardour7-lua", "ardour8-lua", "ardour9-lua") if shutil.which(name)), "")
SCRIPT = Path(__file__).parent / "ardour_take.lua"
Notes = list[tuple[float, int, int, int]]
"""Seconds, channel, pitch, velocity."""


@pytest.fixture
def ardour(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    if not ARDOUR:
        pytest.skip("Ardour is not on this machine: apt-get install --no-install-recommends ardour (206 MB)")
    monkeypatch.setenv("HOME", str(tmp_path))
    return ARDOUR


def recorded(file: Path) -> Notes:
    """The notes of a take. Times are from its beginning."""
    notes: Notes = []
    seconds = 0.0
    for message in mido.MidiFile(file):
        seconds += message.time
        if message.type == "note_on" and message.velocity:
            notes.append((seconds, message.channel, message.note, message.velocity))
    return sorted(notes)


def meant(session: Path) -> Notes:
    """The band's notes by the session's log, at the times they were meant for."""
    notes: Notes = []
    for line in (session / "session.jsonl").read_text(encoding="utf-8").splitlines()[1:]:
        record = json.loads(line)
        out = record.get("out", {})
        if out.get("type") == "NoteOn" and out["part"] != "player":
            notes.append((record["t"] / 1e6, out["channel"], out["pitch"], out["velocity"]))
    return sorted(notes)


def hanging_in(file: Path) -> set[tuple[int, int]]:
    """Keys that a take leaves down."""
    down: set[tuple[int, int]] = set()
    for message in mido.MidiFile(file):
        if message.type == "note_on" and message.velocity:
            down.add((message.channel, message.note))
        elif message.type in ("note_on", "note_off"):
            down.discard((message.channel, message.note))
    return down


def test_ardour_records_the_band_note_for_note(
    start: Callable[..., Daemon], jack: Jack, ardour: str, tmp_path: Path
) -> None:
    daemon = start("audio.device=null", "midi.clock=false")
    script, ended, folder = tmp_path / "take.lua", tmp_path / "ended", tmp_path / "ardour"
    words = {"FOLDER": str(folder), "FROM": OUT, "UNTIL": str(ended)}
    text = SCRIPT.read_text(encoding="utf-8")
    for word, value in words.items():
        text = text.replace(f'"{word}"', f'"{value}"')
    script.write_text(text, encoding="utf-8")
    with listening([ardour, str(script)], tmp_path / "ardour.txt") as daw:
        wait_for(lambda: "records" in daw.lines() or daw.process.poll() is not None, 60, "Ardour records")
        assert daw.process.poll() is None, daw.lines()
        daemon.osc("/sideman/transport/tempo", "f", "140")
        play_keys(12)
        daemon.osc("/sideman/transport/stop")  # a note that is under way at the end of all would be in the log alone
        wait_for(lambda: "transport/stop" in (daemon.session() / "session.jsonl").read_text(), 5, "the music stops")
        assert stop(daemon.process, signal.SIGTERM) == 0, daemon.errors()
        ended.touch()
        assert daw.process.wait(60) == 0, daw.lines()
    (take,) = folder.glob("interchange/*/midifiles/*.mid")
    got, wanted = recorded(take), meant(daemon.session())
    assert len(wanted) > 40
    assert sorted(note[1:] for note in got) == sorted(note[1:] for note in wanted)
    assert hanging_in(take) == set()
    offsets = [mine[0] - its[0] for mine, its in zip(paired(got), paired(wanted), strict=True)]
    drift = max(offsets) - min(offsets)
    sys.stdout.write(f"{len(got)} notes; places in take and log differ by up to {1_000 * drift:.1f} ms\n")


def paired(notes: Notes) -> Notes:
    """In an order that does not hang on the last millisecond: each key's notes one after the other."""
    return sorted(notes, key=lambda note: (note[1:3], note[0]))


def test_the_reader_of_takes_knows_a_note_that_hangs(tmp_path: Path) -> None:
    take = mido.MidiFile()
    track = mido.MidiTrack()
    take.tracks.append(track)
    for number, (kind, note) in enumerate((("note_on", 60), ("note_on", 64), ("note_off", 60))):
        track.append(mido.Message(kind, channel=1, note=note, velocity=70, time=480 * bool(number)))
    take.save(tmp_path / "take.mid")
    assert hanging_in(tmp_path / "take.mid") == {(1, 64)}
    assert [round(later[0] - earlier[0], 3) for earlier, later in pairwise(recorded(tmp_path / "take.mid"))] == [0.5]
