"""Recording and replaying: the same inputs give the same lines, whoever drove the heart, however late."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.recorder import Recorder
from daemon.replay import replay
from daemon.session_format import EndLine, InputLine, OutputLine, encode_header, encode_line
from daemon.session_reader import open_session
from realtime.core.events import MidiReceived, ParameterSet, Stamped
from realtime.core.offline import play

scripts = st.lists(st.tuples(st.integers(0, 3_000_000), st.integers(20, 100), st.booleans()), max_size=25).map(
    lambda items: [
        Stamped(at, ParameterSet("swing", 0.5) if knob else MidiReceived("keys", bytes([0x90, pitch, 64])))
        for at, pitch, knob in sorted(items, key=lambda item: item[0])
    ]
)
UNTIL = 3_500_000


def recorded_offline(make_heart, script):
    lines = []
    recorder = Recorder(make_heart(), lines.append)
    outputs = list(play(recorder, script, UNTIL))
    return lines, outputs


def recorded_live(make_heart, script, lateness):
    """Driven as a live stage drives: late, by another amount each time, inputs in whatever batches they fall."""
    lines = []
    recorder = Recorder(make_heart(), lines.append)
    chance = random.Random(lateness)
    waiting = list(script)
    now = 0
    while now < UNTIL:
        wakeup = recorder.next_wakeup()
        now = max(now + 1, min([wakeup or UNTIL, *(s.at for s in waiting[:1])])) + chance.randrange(20_000)
        while waiting and waiting[0].at <= now:
            # What an inbox holds back arrives after the heart has gone past its stamp.
            if chance.random() < 0.1:
                recorder.advance(now)
            stamped = waiting.pop(0)
            recorder.receive(stamped.event, stamped.at)
        recorder.advance(now)
    recorder.silence(now)
    return lines


def saved(path, header, lines):
    data, checksum = encode_header(header)
    for line in lines:
        encoded, checksum = encode_line(line, checksum)
        data += encoded
    path.write_bytes(data)
    return open_session(path)


@given(scripts)
def test_an_offline_recording_replays_the_same(tmp_path_factory, make_heart, header, script):
    lines, outputs = recorded_offline(make_heart, script)
    assert [line.event for line in lines if isinstance(line, OutputLine)] == [s.event for s in outputs]
    session = saved(tmp_path_factory.getbasetemp() / "s.jsonl", header, lines)
    verdict = replay(session, lambda _: make_heart())
    assert verdict.is_clean, verdict
    assert verdict.orderly_end
    assert verdict.outputs == len(outputs)


@given(scripts, st.integers(0, 1000))
def test_a_live_recording_replays_the_same_however_late_it_was(tmp_path_factory, make_heart, header, script, lateness):
    lines = recorded_live(make_heart, script, lateness)
    assert sum(isinstance(line, InputLine) for line in lines) == len(script)
    session = saved(tmp_path_factory.getbasetemp() / "l.jsonl", header, lines)
    verdict = replay(session, lambda _: make_heart())
    assert verdict.is_clean, verdict


@given(scripts, st.data())
def test_the_log_of_a_session_that_was_killed_has_no_difference(tmp_path_factory, make_heart, header, script, data):
    lines, _ = recorded_offline(make_heart, script)
    kept = lines[: data.draw(st.integers(0, len(lines) - 1))]
    session = saved(tmp_path_factory.getbasetemp() / "k.jsonl", header, kept)
    verdict = replay(session, lambda _: make_heart())
    assert verdict.is_clean, verdict
    assert verdict.orderly_end == any(isinstance(line, EndLine) for line in kept)


@pytest.fixture
def session(tmp_path, make_heart, header):
    script = [Stamped(100_000 * n, MidiReceived("keys", bytes([0x90, 60 + n, 64]))) for n in range(8)]
    lines, _ = recorded_offline(make_heart, script)
    return saved(tmp_path / "session.jsonl", header, lines)


def test_another_heart_is_found_out_at_the_first_difference(session, make_heart):
    verdict = replay(session, lambda _: make_heart(transpose=-24))
    assert verdict.difference is not None
    assert "'pitch': 48" in verdict.difference.expected
    assert "'pitch': 36" in verdict.difference.got
    assert str(verdict.difference).startswith(f"line {verdict.difference.line}: the log has output")


def test_a_changed_input_byte_is_found_even_where_no_output_changes(session, make_heart):
    raw = session.path.read_bytes()
    changed = raw.replace(b'"port":"keys","data":"903f40"', b'"port":"kexs","data":"903f40"')
    assert changed != raw
    session.path.write_bytes(changed)
    verdict = replay(open_session(session.path), lambda _: make_heart())
    assert verdict.difference is None
    assert len(verdict.damaged) == 1
    assert not verdict.is_clean


def test_a_log_without_an_output_that_was_made_differs(tmp_path, session, make_heart, header):
    lines = [numbered.line for numbered in session.lines()]
    gone = next(i for i, line in enumerate(lines) if isinstance(line, OutputLine))
    shorter = saved(tmp_path / "shorter.jsonl", header, lines[:gone] + lines[gone + 1 :])
    assert replay(shorter, lambda _: make_heart()).difference is not None


def test_an_end_that_came_too_early_differs(tmp_path, session, make_heart, header):
    lines = [numbered.line for numbered in session.lines()]
    early = saved(tmp_path / "early.jsonl", header, [*lines[:5], EndLine(3_000_000)])
    verdict = replay(early, lambda _: make_heart())
    assert verdict.difference is not None
    assert verdict.difference.expected == "the end at 3000000 µs"


def test_a_header_that_was_changed_is_damage(session, make_heart):
    session.path.write_bytes(session.path.read_bytes().replace(b'"seed":3', b'"seed":4', 1))
    verdict = replay(open_session(session.path), lambda _: make_heart())
    assert verdict.damaged[0] == 1


def test_silence_is_asked_for_once(make_heart):
    lines = []
    recorder = Recorder(make_heart(), lines.append)
    recorder.receive(MidiReceived("keys", b"\x90\x3c\x40"), 0)
    first = recorder.silence(10)
    assert recorder.silence(20) == []
    assert sum(type(s.event).__name__ == "NoteOff" for s in first) == 1
    assert [type(line) for line in lines[-2:]] == [EndLine, OutputLine]
