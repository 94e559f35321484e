"""Bytes that are no HTTP, frames that are none, bodies without end, paths with tricks: refused, and nothing grows."""

import contextlib
import os
import socket
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daemon.http.body import MOST_BYTES
from tests.daemon.http.test_http_many import memory_kb
from tests.daemon.http.test_http_port import web_process

SOME = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
WORDS = st.sampled_from(
    ["..", ".", "", "%2e%2e", "%2f", "%5c", "\\", "%00", "etc", "passwd", "s", "page", "~", "%c0%ae"]
)
FOLDERS = st.sampled_from(["/api/sessions/", "/page/", "/api/guests/", "/api/live/parameters/", "/sideman/", "/"])


@pytest.fixture(scope="module")
def band(start_band):
    """A band of these tests' own: they leave nothing as they found it."""
    started = start_band()
    yield started
    started.stop()


@contextlib.contextmanager
def connected(band):
    with socket.create_connection(("127.0.0.1", band.port), 20) as raw:
        yield raw


def everything_from(raw):
    """What comes until the other end hangs up, or a second passes without a word."""
    raw.settimeout(1.0)
    found = b""
    with contextlib.suppress(OSError):
        while data := raw.recv(65_536):
            found += data
    return found


def is_well(band):
    return band.get("/api/live/state").status == 200


@pytest.fixture(autouse=True)
def the_web_process_stays_and_does_not_grow(band):
    if not sys.platform.startswith("linux"):
        yield
        return
    assert is_well(band)  # and it has loaded what it needs
    web = web_process(band)
    before = memory_kb(web)
    yield
    assert web_process(band) == web, "it died, and was started again"
    assert memory_kb(web) - before < 30_000
    assert is_well(band)


@SOME
@given(st.binary(max_size=300), st.booleans())
def test_bytes_that_are_no_http_are_a_400_or_nothing(band, garbage, begins_well):
    with connected(band) as raw:
        raw.sendall((b"GET / HTTP/1.1\r\n" if begins_well else b"") + garbage + b"\r\n\r\n")
        raw.shutdown(socket.SHUT_WR)
        answer = everything_from(raw)
    assert not answer or answer.startswith((b"HTTP/1.1 4", b"HTTP/1.1 2")), answer[:80]


@SOME
@given(st.dictionaries(st.from_regex(r"[A-Za-z-]{1,20}", fullmatch=True), st.binary(max_size=60), max_size=6))
def test_no_header_is_too_strange(band, headers):
    lines = b"".join(name.encode() + b": " + value + b"\r\n" for name, value in headers.items())
    with connected(band) as raw:
        raw.sendall(b"GET /api/live/styles HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + lines + b"\r\n")
        raw.shutdown(socket.SHUT_WR)
        answer = everything_from(raw)
    assert not answer or answer.startswith((b"HTTP/1.1 4", b"HTTP/1.1 2", b"HTTP/1.1 1")), answer[:80]


@settings(SOME, max_examples=25)
@given(st.binary(max_size=200), st.sampled_from([b"", b"\x81\x80....", b"\x81\xfe\xff\xff", b"\x82\xff" + 8 * b"\x7f"]))
def test_frames_that_are_none_end_one_conversation_and_no_other(band, garbage, begin):
    with connected(band) as raw:
        raw.sendall(HANDSHAKE)
        assert raw.recv(12) == b"HTTP/1.1 101"
        raw.sendall(begin + garbage)
        raw.shutdown(socket.SHUT_WR)
        everything_from(raw)


@pytest.mark.parametrize(
    "frame",
    [
        b"\x81\x05hello",  # a client must mask
        b"\xf1\x80\x00\x00\x00\x00",  # reserved bits
        b"\x83\x80\x00\x00\x00\x00",  # an opcode that is none
        b"\x09\x80\x00\x00\x00\x00",  # a ping in parts
        b"\x89\xfe\x01\x00" + 4 * b"\x00" + 256 * b"x",  # a ping that is too long
        b"\x81\x82\x00\x00\x00\x00\xff\xfe",  # not UTF-8
        b"\x80\x80\x00\x00\x00\x00",  # goes on from nothing
        b"\x82\xff\x7f" + 7 * b"\xff" + 4 * b"\x00",  # nine exabytes are announced
        b"\x88\x81\x00\x00\x00\x00\x01",  # a close code of one byte
    ],
)
def test_a_frame_that_breaks_the_rules_is_answered_by_goodbye(band, frame):
    with connected(band) as raw:
        raw.sendall(HANDSHAKE)
        raw.sendall(frame)
        raw.settimeout(20)
        with contextlib.suppress(ConnectionError):
            while raw.recv(65_536):
                pass  # it hangs up; otherwise the test runs out of time


def test_a_body_larger_than_allowed_is_refused_before_it_has_come(band):
    head = b"PUT /api/live/parameters/energy HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    for length in (b"Content-Length: 99999999999999\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n"):
        with connected(band) as raw, contextlib.suppress(ConnectionError):
            raw.sendall(head + length)
            piece = 8_192 * b"x"
            for _ in range(4 * MOST_BYTES // len(piece)):
                raw.sendall(b"2000\r\n" + piece + b"\r\n" if b"chunked" in length else piece)
            assert raw.recv(12) == b"HTTP/1.1 413"


def test_a_header_without_end_is_cut_off(band):
    with connected(band) as raw, contextlib.suppress(ConnectionError):
        raw.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ")
        for _ in range(100):
            raw.sendall(1_000 * b"x")
        answer = raw.recv(12)  # and it hangs up, whether we have said all or not
        assert not answer or answer.startswith(b"HTTP/1.1 4")


def test_a_hundred_who_never_finish_their_sentence_hold_nobody_up(band):
    slow = [socket.create_connection(("127.0.0.1", band.port), 20) for _ in range(100)]
    for raw in slow:
        raw.sendall(b"PUT /api/live/parameters/energy HTTP/1.1\r\nHost: local")
    assert is_well(band)
    for raw in slow:
        raw.close()


@SOME
@given(FOLDERS, st.lists(WORDS, max_size=8), st.sampled_from(["/", "%2f"]), st.sampled_from(["GET", "DELETE", "POST"]))
def test_no_path_leads_out_and_none_is_a_fault_of_ours(band, folder, words, joint, method):
    answer = band.ask(method, folder + joint.join(words))
    assert answer.status < 500
    assert b"root:" not in answer.body
    assert (band.session / "session.jsonl").is_file()


@SOME
@given(st.binary(max_size=200))
def test_http_2_without_sense_ends_that_connection_alone(band, garbage):
    with connected(band) as raw:
        raw.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + garbage)
        raw.shutdown(socket.SHUT_WR)
        everything_from(raw)


def test_random_bytes_by_the_megabyte(band):
    for _ in range(20):
        with connected(band) as raw, contextlib.suppress(ConnectionError):
            raw.sendall(os.urandom(100_000))
