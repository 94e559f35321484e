"""Who comes in where others can reach the port: the right Host, no foreign Origin, and token, cookie or QR code."""

import json
import re
import socket
import time

import pytest

from daemon.lan import own_address

TOKEN = "k7wd3-q2m4p-x8n5r-t6v9z"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def lan(start_band):
    """A band that others can reach."""
    return start_band("http.host=0.0.0.0", "osc.host=0.0.0.0", f"http.token={TOKEN}")


@pytest.fixture(scope="module")
def cookie(lan):
    answer = lan.get(f"/pair?token={TOKEN}")
    assert answer.status == 200
    return answer.headers["Set-Cookie"]


def test_the_cookie_is_for_no_script_and_no_other_site_and_is_not_the_token(lan, cookie):
    name, _, rest = cookie.partition("=")
    value, *flags = (word.strip().lower() for word in rest.split(";"))
    assert name == f"sideman_{lan.port}"
    assert {"httponly", "samesite=strict", "path=/"} <= set(flags)
    assert TOKEN not in value
    assert TOKEN not in lan.get(f"/pair?token={TOKEN}").body.decode()


def test_a_device_that_was_paired_reads_turns_and_talks(lan, cookie):
    brought = {"Cookie": "other=1; " + cookie.partition(";")[0]}
    assert lan.get("/api/live/state", **brought).status == 200
    turn = lan.ask("PUT", "/api/live/parameters/energy", {"value": 0.5}, brought)
    assert turn.status == 200
    assert lan.websocket(**brought).receive()["snapshot"]
    assert lan.websocket("/", **brought).status == 101


@pytest.mark.parametrize("path", ["/api/live/state", "/api/sessions", "/api/guests", "/openapi.json", "/sideman", "/"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": "Bearer"},
        {"Cookie": f"sideman={TOKEN}"},
        {"Cookie": 'sideman_0=; ;;=,\\"', "Authorization": "\xff"},
    ],
)
def test_without_token_or_cookie_nothing_is_told(lan, path, headers):
    answer = lan.get(path, **headers)
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.json["detail"]


def test_the_token_itself_is_no_cookie_and_stands_in_no_address_but_the_pairing_page_s(lan):
    assert lan.get("/api/live/state", Cookie=f"sideman_{lan.port}={TOKEN}").status == 401
    for query in (f"access_token={TOKEN}", f"token={TOKEN}"):
        assert lan.get(f"/api/live/state?{query}").status == 401
        assert lan.get(f"/?{query}", Accept="text/html").status == 401
        assert lan.websocket(f"/ws?{query}").status == 401


@pytest.mark.parametrize("query", ["", "?token=", "?token=wrong", "?token=" + TOKEN[:-1], "?other=" + TOKEN])
def test_a_wrong_token_pairs_nobody(lan, query):
    answer = lan.get("/pair" + query)
    assert (answer.status, answer.headers["Set-Cookie"]) == (401, None)


def test_the_page_itself_is_open_so_that_it_can_ask_for_the_token(lan):
    assert lan.get("/", Accept="text/html").status == 200
    assert lan.get("/page/page.js").status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "[::1", "a b"]
)
def test_a_name_that_is_not_ours_is_misdirected_whatever_it_brings(lan, host):
    """DNS rebinding: the browser believes that our address is the other site's."""
    answer = lan.get("/api/live/state", Host=host, **BEARER)
    assert answer.status in (421, 400)  # the server itself refuses what is no Host at all
    assert b"tempo_bpm" not in answer.body
    assert lan.get("/pair?token=" + TOKEN, Host=host).headers["Set-Cookie"] is None


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1:{port}", "192.168.1.5:8000", "[fd00::1]", socket.gethostname()]
)
def test_our_names_and_any_address_are_ours(lan, host):
    assert lan.get("/api/live/state", Host=host.format(port=lan.port), **BEARER).status == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "file://", "http://localhost:1", "https://", "\xff"])
@pytest.mark.parametrize("path", ["/api/live/state", f"/pair?token={TOKEN}", "/page/page.js"])
def test_a_page_of_another_site_is_refused_though_it_brings_the_token(lan, path, origin):
    answer = lan.get(path, Origin=origin, Host="localhost", **BEARER)
    assert answer.status == 403
    assert answer.headers["Set-Cookie"] is None
    assert lan.websocket(Origin=origin, **BEARER).status == 403


def test_our_own_page_is_not_another_site(lan, cookie):
    own = f"http://127.0.0.1:{lan.port}"
    assert lan.get("/api/live/state", Origin=own, Cookie=cookie.partition(";")[0]).status == 200


def test_where_there_is_no_token_pairing_leads_to_the_page(band):
    answer = band.get("/pair?token=whatever")
    assert (answer.status, answer.headers["Location"]) == (303, "/")


def test_guests_are_the_network_s_and_not_this_machine_s(band, lan):
    assert band.get("/api/guests").json == {"is_open": False, "asking": [], "allowed": []}
    assert band.ask("PUT", "/api/guests/192.168.1.20").status == 409
    assert lan.ask("PUT", "/api/guests/tablet", headers=BEARER).status == 422
    assert lan.ask("POST", "/api/guests/192.168.1.20", headers=BEARER).status == 405


def wait_for(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
    return True


@pytest.mark.skipif(not own_address(), reason="this machine is in no network")
def test_a_stranger_asks_is_allowed_by_one_request_and_is_remembered(start_band, tmp_path):
    """The machine's own address in the network is not loopback: who sends from there is a stranger."""
    settings = ("http.host=0.0.0.0", "osc.host=0.0.0.0", f"http.token={TOKEN}")
    band, here = start_band(*settings, home=tmp_path), own_address()
    message = b"/sideman/energy\0,f\0\0\x3e\x80\0\0"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as tablet:
        tablet.bind((here, 0))

        def send():
            tablet.sendto(message, (here, band.osc_port))
            return band.get("/api/guests", **BEARER).json

        wait_for(lambda: send() == {"is_open": True, "asking": [here], "allowed": []})
        assert band.get("/api/live/parameters/energy", **BEARER).json["value"] == 0.5
        assert band.ask("PUT", f"/api/guests/{here}", headers=BEARER).json == {"address": here, "allowed": True}
        wait_for(lambda: send()["allowed"] == [here])
        wait_for(lambda: band.get("/api/live/parameters/energy", **BEARER).json["value"] == 0.25)
        band.stop()
        (file,) = tmp_path.rglob("guests.json")
        assert json.loads(file.read_text())["allowed"] == [here]
        band = start_band(*settings, home=tmp_path)
        assert wait_for(lambda: send()["allowed"] == [here])
        assert band.ask("DELETE", f"/api/guests/{here}", headers=BEARER).status == 200
        wait_for(lambda: send()["asking"] == [here])


@pytest.mark.skipif(not own_address(), reason="this machine is in no network")
def test_one_word_opens_to_the_network_with_a_qr_code_and_who_pairs_may_send_osc(start_band):
    band, here = start_band("--lan"), own_address()
    said = ""
    while "/pair?token=" not in said:
        said += band.process.stderr.readline()
    assert said.count("█") > 50
    token = re.search(r"/pair\?token=([a-z0-9-]+)", said)[1]
    assert band.get("/api/live/state").status == 401
    assert band.get(f"/pair?token={token}").status == 200  # over loopback: no guest
    assert band.ask("GET", f"/pair?token={token}", host=here).status == 200
    brought = {"Authorization": f"Bearer {token}"}
    wait_for(lambda: band.get("/api/guests", **brought).json["allowed"] == [here])
    info = band.ask("GET", "/?HOST_INFO", headers=brought, host=here).json
    assert (info["OSC_IP"], info["WS_IP"]) == (here, here)
