"""Every knob and button by HTTP, through a real socket; every mistake is answered with what is allowed."""

import json
import signal
import socket

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daemon.replay import replay
from daemon.session_reader import open_session
from daemon.styles_folder import performer_of
from realtime.core.parameters import ACTIONS, PARAMETERS

PROBLEM = "application/problem+json"


def another(parameter, value):
    """A value that it does not hold now."""
    match parameter.kind:
        case "bool":
            return not value
        case "choice":
            others = [choice for choice in parameter.choices if choice != value]
            return others[0] if others else value
        case "text":
            return "jazz_swing" if value != "jazz_swing" else "pop_ballad"
        case "int":
            return int(parameter.low if value != parameter.low else parameter.high)
        case "float":
            return parameter.low if value != parameter.low else parameter.high


def test_every_parameter_can_be_read_turned_and_turned_back(band):
    told = {row["path"]: row for row in band.get("/api/live/parameters").json["parameters"]}
    assert told.keys() == PARAMETERS.keys()
    for path, parameter in PARAMETERS.items():
        before = band.get(f"/api/live/parameters/{path}").json
        assert before == told[path]
        value = another(parameter, before["value"])
        answer = band.put(path, value)
        assert (answer.status, answer.json["value"]) == (200, value), answer.json
        assert band.get(f"/api/live/parameters/{path}").json["value"] == value
        assert band.put(path, before["value"]).json["value"] == before["value"]


def test_every_action_is_found_and_takes_no_more_arguments_than_it_says(band):
    rows = {row["path"]: row for row in band.get("/api/live/actions").json["actions"]}
    assert rows.keys() == ACTIONS.keys()
    for path, spec in ACTIONS.items():
        answer = band.do(path, *range(spec.most_arguments + 1))
        assert (answer.status, answer.headers["Content-Type"]) == (422, PROBLEM)
        assert answer.json["field"] == "arguments"
        assert spec.help in answer.json["detail"]


def test_the_api_is_described_in_full(band):
    described = band.get("/openapi.json").json["paths"]
    for path, parameter in PARAMETERS.items():
        put = described[f"/api/live/parameters/{path}"]["put"]
        value = put["requestBody"]["content"]["application/json"]["schema"]["properties"]["value"]
        assert value["description"] == parameter.help
        assert value["default"] == parameter.default
    for path, spec in ACTIONS.items():
        post = described[f"/api/live/actions/{path}"]["post"]
        assert post["summary"] == spec.help
    assert all(content for path in described.values() for content in path.values())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("energy", 1.5),
        ("energy", "loud"),
        ("energy", None),
        ("energy", [0.5]),
        ("mode", "sing"),
        ("listen/split", 60.5),
        ("part/bass/mute", "yes"),
        ("style", "no_such_style"),
        ("style", ""),
    ],
)
def test_what_a_parameter_cannot_hold_is_refused_with_field_value_and_what_is_allowed(band, path, value):
    before = band.get(f"/api/live/parameters/{path}").json
    answer = band.put(path, value)
    assert (answer.status, answer.headers["Content-Type"]) == (422, PROBLEM)
    problem = answer.json
    assert (problem["field"], problem["value"]) == ("value", value)
    assert problem["allowed"]
    assert problem["detail"]
    assert band.get(f"/api/live/parameters/{path}").json == before


def test_what_the_heart_refuses_is_told_to_who_asked(band):
    answer = band.do("chord", "Hq")
    assert (answer.status, answer.json["field"]) == (422, "arguments")
    assert "'Hq'" in answer.json["detail"]


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("GET", "/api/live/nothing", None, {}, 404),
        ("GET", "/api/live/parameters/no/such", None, {}, 404),
        ("PUT", "/api/live/parameters/no/such", {"value": 1}, {}, 404),
        ("POST", "/api/live/actions/no/such", None, {}, 404),
        ("DELETE", "/api/live/state", None, {}, 405),
        ("POST", "/api/live/parameters/energy", {"value": 1}, {}, 405),
        ("PUT", "/api/live/parameters/energy", '{"value": 0.5}', {"Content-Type": "text/plain"}, 415),
        ("PUT", "/api/live/parameters/energy", '{"value": 0.5', {"Content-Type": "application/json"}, 400),
        ("PUT", "/api/live/parameters/energy", [1], {}, 400),
        ("PUT", "/api/live/parameters/energy", {}, {}, 422),
        ("PUT", "/api/live/parameters/energy", {"value": 0.5, "more": 1}, {}, 422),
        ("PUT", "/api/live/parameters/energy", '{"value": "' + 70_000 * "x" + '"}', {}, 413),
        ("POST", "/api/live/actions/fill", {"arguments": "x"}, {}, 422),
        ("GET", "/", None, {"Host": "evil.example"}, 421),
        ("GET", "/api/live/state", None, {"Origin": "http://evil.example"}, 403),
        ("POST", "/api/live/actions/transport/panic", None, {"Origin": "null"}, 403),
    ],
)
def test_what_cannot_be_met_is_said_in_one_form(band, method, path, body, headers, status):
    answer = band.ask(method, path, body, headers)
    assert (answer.status, answer.headers["Content-Type"]) == (status, PROBLEM)
    assert answer.json["status"] == status
    assert answer.json["detail"]


def test_a_button_needs_no_body(band):
    assert band.ask("POST", "/api/live/actions/transport/panic").status == 200


def test_the_state_shows_what_was_just_done(band):
    assert band.do("transport/start").status == 200
    assert band.get("/api/live/state").json["playing"] is True
    assert band.do("transport/stop").status == 200
    assert band.get("/api/live/state").json["playing"] is False


def test_the_styles_are_listed(band):
    styles = band.get("/api/live/styles").json["styles"]
    assert {"name": "waltz", "meter": "3/4"}.items() <= next(s for s in styles if s["name"] == "waltz").items()


def test_what_http_turns_is_echoed_by_osc(band):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.settimeout(20)
        ear.sendto(b"/sideman/subscribe\0\0,\0\0\0", ("127.0.0.1", band.osc_port))
        while b"subscribed" not in ear.recv(2048):
            pass
        assert band.put("creativity", 0.25).status == 200
        while not ear.recv(2048).startswith(b"/sideman/creativity\0,f\0\0\x3e\x80\0\0"):
            pass


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200) | st.recursive(st.none() | st.floats() | st.text(), st.lists).map(json.dumps))
def test_no_body_is_too_strange(band, body):
    for method, path in (("PUT", "/api/live/parameters/energy"), ("POST", "/api/live/actions/key")):
        answer = band.ask(method, path, body, {"Content-Type": "application/json"})
        assert answer.status in (200, 400, 422)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=40))
def test_no_path_is_too_strange(band, path):
    with socket.create_connection(("127.0.0.1", band.port), 20) as raw:
        raw.sendall(b"GET /" + path + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        status = raw.recv(4096)
    assert not status or status[9:12] in (b"200", b"204", b"400", b"404", b"405"), status


def test_the_log_of_it_all_replays(start_band):
    band = start_band()
    band.do("transport/start")
    band.put("energy", 0.75)
    band.put("style", "jazz_swing")
    band.do("chord", "nonsense")
    band.process.send_signal(signal.SIGTERM)
    assert band.process.wait(30) == 0
    log = (band.session / "session.jsonl").read_text()
    assert '"type":"ParameterSet","path":"energy","value":0.75,"source":"http:' in log
    verdict = replay(open_session(band.session), performer_of)
    assert verdict.is_clean
    assert verdict.orderly_end
