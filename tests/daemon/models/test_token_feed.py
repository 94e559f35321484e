"""The token worker and who feeds it: it writes what it gets, and its death disturbs nobody."""

import io
import json
import sys

import msgspec

from daemon.models.bars import BarNote, ClosedBar
from daemon.models.token_feed import TokenFeed
from daemon.models.token_worker import work
from daemon.session_format import EndLine, InputLine, OutputLine
from realtime.core.events import Beat, MidiReceived, NoteOff, NoteOn, TransportChanged


def session(bars=3):
    yield OutputLine(0, 0, TransportChanged(True, 120.0, "4/4"))
    yield InputLine(0, 0, MidiReceived("keys", b"\x90\x3c\x40"))
    for number in range(bars * 4):
        tick, at = number * 960, number * 500_000
        yield OutputLine(at, tick, Beat(number, number // 4 + 1, number % 4 + 1, 120.0))
        yield OutputLine(at, tick, NoteOn("bass", 1, 40, 80))
        yield OutputLine(at + 250_000, tick + 480, NoteOff("bass", 1, 40))
    yield EndLine(bars * 2_000_000)


def test_a_session_becomes_a_line_a_bar(tmp_path):
    path = tmp_path / "tokens.jsonl"
    feed = TokenFeed(path, patient=True)
    for line in session():
        feed.take(line)
    feed.close()
    header, *bars = [json.loads(line) for line in path.read_text().splitlines()]
    assert header["sideman_tokens"] == 1
    assert [bar["bar"] for bar in bars] == [1, 2, 3]
    assert [bar["tokens"].count("Pitch_40") for bar in bars] == [4, 4, 4]
    assert (feed.bars, feed.lost, feed.trouble) == (3, 0, "")


def test_a_worker_that_dies_costs_bars_and_nothing_else(tmp_path):
    dies = [sys.executable, "-c", "import sys; sys.stdin.close(); sys.exit(3)"]
    feed = TokenFeed(tmp_path / "tokens.jsonl", patient=True, command=dies)
    feed._worker.wait()
    for line in session():
        feed.take(line)
    feed.close()
    assert feed.lost == 3
    assert "gone" in feed.trouble


def test_a_worker_that_cannot_start_is_said(tmp_path):
    feed = TokenFeed(tmp_path / "tokens.jsonl", command=["/no/such/program"])
    for line in session():
        feed.take(line)
    feed.close()
    assert "did not start" in feed.trouble
    assert feed.lost == 3


def test_the_worker_leaves_out_what_is_no_bar():
    bar = msgspec.json.encode(ClosedBar(1, 4, 4, 96.0, [BarNote(0, 60, 480, 80, "player")]))
    sink = io.BytesIO()
    assert work(io.BytesIO(b"{}\nnot json\n" + bar + b"\n" + bar[:-4]), sink) == 1
    assert len(sink.getvalue().splitlines()) == 2


def test_a_bar_that_there_are_no_tokens_for_is_written_empty_with_the_reason():
    odd = msgspec.json.encode(ClosedBar(1, 11, 16, 96.0, []))
    sink = io.BytesIO()
    assert work(io.BytesIO(odd), sink) == 1
    written = json.loads(sink.getvalue().splitlines()[1])
    assert (written["tokens"], written["trouble"]) == ([], "there is no token for a bar of 11/16")


def test_a_folder_named_daemon_where_the_user_stands_is_not_taken_for_us(tmp_path, monkeypatch):
    (tmp_path / "daemon").mkdir()
    (tmp_path / "daemon" / "__init__.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    feed = TokenFeed(tmp_path / "tokens.jsonl", patient=True)
    for line in session(1):
        feed.take(line)
    feed.close()
    assert feed.trouble == ""
    assert len((tmp_path / "tokens.jsonl").read_text().splitlines()) == 2
