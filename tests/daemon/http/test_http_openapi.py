"""The interface against its own description: every operation, with what it allows and with what it does not."""

import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daemon.http.app import Web
from daemon.http.openapi import openapi
from daemon.http.wire import Hello
from tests.daemon.http.from_schema import ANYTHING, allowed, fits
from tests.fakes import run_in_virtual_time

JSON = {"Content-Type": "application/json"}
PROBLEM = "application/problem+json"
SLOW = {"/api/live/actions/fade", "/api/sessions/{name}/mix"}
METHODS = ("get", "put", "post", "delete", "patch")


@pytest.fixture(scope="module")
def band(start_band):
    """A band of these tests' own: they leave nothing as they found it."""
    started = start_band()
    yield started
    started.stop()


def interfaces():
    async def make():
        nowhere = Hello(
            version="", host="", port=0, token="", osc_host="", osc_port=0, sessions="/nowhere/s", styles=()
        )
        return Web(nowhere, None).apis

    return run_in_virtual_time(make)


DESCRIBED = openapi("0", [api.paths() for api in interfaces()])
OPERATIONS = [
    (method, path, content)
    for path, item in DESCRIBED["paths"].items()
    for method, content in item.items()
    if method in METHODS
]
WITH_BODY = [o for o in OPERATIONS if "requestBody" in o[2] and not o[1].startswith("/api/music/")]


def body_schema(operation):
    return operation["requestBody"]["content"]["application/json"]["schema"]


def test_every_route_is_described_and_nothing_else_is():
    routes = {
        (method.lower(), route.path)
        for api in interfaces()
        for route in api.routes()
        for method in route.methods - {"HEAD"}
    }
    described = {(method, path) for method, path, _ in OPERATIONS} - {("get", "/openapi.json")}
    general = {
        (method, re.sub(r"(/api/live/(parameters|actions))/.+", r"\1/{path:path}", path)) for method, path in described
    }
    assert general == routes
    for _, path, content in OPERATIONS:
        places = (*content.get("parameters", ()), *DESCRIBED["paths"][path].get("parameters", ()))
        assert set(re.findall(r"{(\w+)}", path)) == {place["name"] for place in places if place["in"] == "path"}
        assert content["summary"]
        assert {"200", "default"} <= content["responses"].keys()


def test_what_is_served_is_this_description(band):
    assert band.get("/openapi.json").json["paths"].keys() == DESCRIBED["paths"].keys()


@pytest.mark.parametrize(("path", "item"), DESCRIBED["paths"].items(), ids=list(DESCRIBED["paths"]))
def test_every_other_method_is_405_and_says_which_are_right(band, path, item):
    elsewhere = {"get"} if path.endswith("/mix") else set()  # GET of it is a file of that name, and there is none
    path = path.format(name=band.session.name, file="session.jsonl", address="192.168.1.1", id="x", filename="x")
    known = item.keys() - {"parameters"}
    for method in set(METHODS) - known - elsewhere:
        answer = band.ask(method.upper(), path)
        assert (answer.status, answer.headers["Content-Type"]) == (405, PROBLEM)
        assert {word.lower() for word in answer.headers["Allow"].split(", ")} - {"head"} == known


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_what_the_description_allows_is_done_or_refused_with_a_reason(band, data):
    method, path, content = data.draw(st.sampled_from([o for o in WITH_BODY if o[1] not in SLOW]))
    answer = band.ask(method.upper(), path, json.dumps(data.draw(allowed(body_schema(content)))), JSON)
    if answer.status == 200:
        shown = content["responses"]["200"].get("content", {}).get("application/json", {}).get("schema", {})
        assert fits(answer.json, shown)
    else:  # the heart knows more than the description: which styles there are, what is a chord
        assert answer.status in (422, 429)
        check_problem(answer)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_what_the_description_does_not_allow_is_a_4xx_in_the_one_form(band, data):
    method, path, content = data.draw(st.sampled_from([o for o in WITH_BODY if o[1] not in SLOW]))
    schema = body_schema(content)
    value = data.draw(ANYTHING.filter(lambda value: not fits(value, schema)))
    answer = band.ask(method.upper(), path, json.dumps(value), JSON)
    assert 400 <= answer.status < 500
    check_problem(answer)


def check_problem(answer):
    assert answer.headers["Content-Type"] == PROBLEM
    schema = DESCRIBED["components"]["responses"]["Problem"]["content"][PROBLEM]["schema"]
    assert fits(answer.json, schema), answer.json
    assert answer.json["status"] == answer.status
