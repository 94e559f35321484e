"""`--lan`: what is opened, what is remembered of who came in, and what is shown to those who want to."""

import json
import re

import pytest
import segno

from daemon.config import Config, ConfigError, from_mapping
from daemon.doctor import examine
from daemon.guest_book import FILE_NAME, GuestBook, new_token
from daemon.lan import EVERYWHERE, invitation, opened_to_guests, own_address, pairing_url, with_lan
from realtime.edges.guest_list import BadAddress


def test_one_word_opens_http_and_osc_with_a_token():
    config = with_lan(Config(), "t" * 20)
    assert (config.http.host, config.osc.host, config.http.token) == (EVERYWHERE, EVERYWHERE, "t" * 20)


def test_what_the_configuration_says_of_hosts_and_token_stands():
    config = from_mapping({"http": {"host": "192.168.1.5", "token": "x" * 16}, "osc": {"host": "192.168.1.5"}})
    assert with_lan(config, "t" * 20) == config


def test_without_the_word_and_on_this_machine_alone_there_are_no_guests(monkeypatch, tmp_path):
    monkeypatch.setattr("daemon.lan.user_state_folder", lambda: tmp_path)
    assert opened_to_guests(Config(), lan=False, say=print) == (Config(), None)
    open_osc = from_mapping({"osc": {"host": EVERYWHERE, "allow": ["10.0.0.0/8"]}})
    config, book = opened_to_guests(open_osc, lan=False, say=print)
    assert config == open_osc
    assert book.guests.admits("10.1.2.3")
    assert not book.guests.admits("11.1.2.3")


def test_addresses_that_are_none_are_a_mistake_in_the_configuration():
    with pytest.raises(ConfigError, match=r"osc\.allow: must be a list of IP addresses"):
        from_mapping({"osc": {"allow": ["tablet"]}})


def test_tokens_are_long_typable_and_never_the_same():
    tokens = {new_token() for _ in range(200)}
    assert len(tokens) == 200
    assert all(re.fullmatch(r"([a-km-np-z2-9]{5}-){3}[a-km-np-z2-9]{5}", token) for token in tokens)


def test_token_and_guests_are_there_the_next_night_and_for_this_user_alone(tmp_path):
    path = tmp_path / "state" / FILE_NAME
    book = GuestBook(path)
    book.guests.allow("192.168.1.20")
    book.guests.admits("192.168.1.30")
    book.save()
    again = GuestBook(path)
    assert again.token == book.token
    assert again.guests.allowed == ("192.168.1.20",)
    assert again.guests.asking == ()  # who is still there will ask again
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"token": 3}', '{"token": "x", "allowed": ["tablet"]}'])
def test_a_file_that_is_none_lets_nobody_in_and_is_left_alone(tmp_path, content):
    path = tmp_path / FILE_NAME
    path.write_text(content)
    book = GuestBook(path)
    book.guests.allow("192.168.1.20")
    book.save()
    assert str(path) in book.trouble
    assert path.read_text() == content
    assert len(book.token) >= 20
    with pytest.raises(BadAddress):
        book.guests.allow("tablet")


def test_the_qr_code_says_the_address_that_is_printed_too():
    url = pairing_url(f"http://{EVERYWHERE}:8000", "abcde")
    assert url == f"http://{own_address() or '127.0.0.1'}:8000/pair?token=abcde"
    plain, coloured = invitation(url, colour=False), invitation(url, colour=True)
    assert any(url in line for line in plain)
    square = [line for line in plain if set(line) <= set("█▀▄ ")]
    assert len(square) * 2 in (len(square[0]), len(square[0]) + 1)
    shown = [
        [dot for line in square for dot in ("█▀".find(line[x]) < 0, "█▄".find(line[x]) < 0)]
        for x in range(len(square[0]))
    ]
    matrix = [list(map(bool, row)) for row in segno.make(url, error="l", micro=False).matrix_iter(border=2)]
    assert [column[: len(matrix)] for column in shown] == [list(column) for column in zip(*matrix, strict=True)]
    assert coloured[0] == f"\033[97;40m{plain[0]}\033[0m"


def test_the_doctor_tells_who_asks(monkeypatch, tmp_path):
    monkeypatch.setattr("daemon.doctor.user_state_folder", lambda: tmp_path)

    def seen():
        return {finding.what: finding for finding in examine(None, [], {})}["OSC guests"]

    assert seen().ok
    (tmp_path / FILE_NAME).write_text(json.dumps({"token": "t", "asking": ["192.168.1.30"]}))
    assert not seen().ok
    assert not seen().serious
    assert "192.168.1.30" in seen().seen
    assert "192.168.1.30" in seen().fix
    (tmp_path / FILE_NAME).write_text("nonsense")
    assert not seen().ok
