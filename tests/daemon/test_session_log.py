"""The log on disk: nothing is lost that was written, and no disk stops the music."""

import errno
import os
import threading

import pytest

from daemon.session_format import BadLog, EndLine, InputLine, OutputLine
from daemon.session_log import SessionLog, write_all
from daemon.session_reader import open_session
from realtime.core.events import ChordHeard, MidiReceived

LINES = [
    InputLine(1, 0, MidiReceived("keys", b"\x90\x3c\x40")),
    OutputLine(2, 1, ChordHeard("Cm7", 0.5)),
    InputLine(3, 2, MidiReceived("keys", b"\x80\x3c\x00")),
    EndLine(4),
]


def written(path, header, lines=LINES):
    log = SessionLog(path, header)
    for line in lines:
        log.write(line)
    return log.close()


def test_everything_written_is_read_back_in_order(tmp_path, header):
    statistics = written(tmp_path / "session.jsonl", header)
    assert (statistics.written, statistics.lost, statistics.trouble) == (4, 0, "")
    session = open_session(tmp_path)
    assert session.header == header
    assert session.header_intact
    read = list(session.lines())
    assert [numbered.line for numbered in read] == LINES
    assert [numbered.number for numbered in read] == [2, 3, 4, 5]
    assert all(numbered.intact for numbered in read)
    assert [line.event for line in session.outputs()] == [ChordHeard("Cm7", 0.5)]


def test_a_torn_last_line_is_left_out(tmp_path, header):
    path = tmp_path / "session.jsonl"
    written(path, header)
    whole = path.read_bytes()
    for cut in range(1, len(whole.splitlines()[-1]) + 1):
        path.write_bytes(whole[:-cut])
        assert [numbered.line for numbered in open_session(path).lines()] == LINES[:-1]


def test_a_missing_a_moved_and_a_changed_line_show(tmp_path, header):
    path = tmp_path / "session.jsonl"
    written(path, header)
    first, a, b, c, end = path.read_bytes().splitlines(keepends=True)
    changed = b.replace(b"Cm7", b"Am7")
    for damaged in ([first, a, c, end], [first, b, a, c, end], [first, a, changed, c, end]):
        path.write_bytes(b"".join(damaged))
        assert not all(numbered.intact for numbered in open_session(path).lines())


def test_damage_is_told_once_where_it_is(tmp_path, header):
    path = tmp_path / "session.jsonl"
    written(path, header)
    path.write_bytes(path.read_bytes().replace(b"903c40", b"903c41"))
    assert [n.number for n in open_session(path).lines() if not n.intact] == [2]


def test_an_old_log_is_never_overwritten(tmp_path, header):
    path = tmp_path / "session.jsonl"
    path.write_text("precious")
    with pytest.raises(FileExistsError):
        SessionLog(path, header)
    assert path.read_text() == "precious"


def test_a_full_disk_stops_the_log_and_says_what_it_lost(tmp_path, header):
    room = [1]  # the header fits, and nothing else

    def full_disk(descriptor: int, data: bytes) -> None:
        if not room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        room.pop()
        write_all(descriptor, data)

    log = SessionLog(tmp_path / "session.jsonl", header, write=full_disk)
    for line in LINES:
        log.write(line)
    statistics = log.close()
    assert (statistics.written, statistics.lost) == (0, 4)
    assert "No space left" in statistics.trouble
    assert list(open_session(tmp_path).lines()) == []


def test_a_disk_that_hangs_never_holds_up_who_writes(tmp_path, header, monkeypatch):
    monkeypatch.setattr("daemon.session_log.QUEUE_LINES", 8)
    hang = threading.Event()
    began = threading.Event()
    headers = [1]

    def slow(descriptor: int, data: bytes) -> None:
        if headers:
            headers.pop()
        else:
            began.set()
            hang.wait()
        write_all(descriptor, data)

    log = SessionLog(tmp_path / "session.jsonl", header, write=slow)
    log.write(LINES[0])
    began.wait()
    for _ in range(100):
        log.write(LINES[1])
    lost = log.statistics.lost
    hang.set()
    statistics = log.close()
    assert lost == statistics.lost == 92
    assert statistics.written == 9
    assert "too slow" in statistics.trouble
    # What was kept is whole: nothing was written after the hole.
    assert all(numbered.intact for numbered in open_session(tmp_path).lines())


def test_an_event_that_cannot_be_written_stops_the_log_not_the_music(tmp_path, header):
    odd = InputLine(1, 2, MidiReceived("\ud800", b""))
    statistics = written(tmp_path / "session.jsonl", header, [LINES[0], odd, LINES[1]])
    assert statistics.lost >= 2
    assert statistics.trouble


@pytest.mark.parametrize("content", [b"", b"\n", b"{}", b"{}\n", b"\x00\xff\n", b'{"a":1,"c":"00000000"}\n'])
def test_what_is_no_log_is_refused(tmp_path, content):
    path = tmp_path / "x.jsonl"
    path.write_bytes(content)
    with pytest.raises(BadLog) as caught:
        open_session(path)
    assert caught.value.line == 1
