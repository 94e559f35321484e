"""`/ws` and OSCQuery's WebSocket: the state, its changes, and everything a client may say, through a real socket."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from realtime.core.parameters import PARAMETERS
from realtime.edges.osc_packet import read


@pytest.fixture
def ws(band):
    socket = band.websocket()
    yield socket
    socket.close()


def test_the_first_message_is_the_whole_state(ws):
    first = ws.receive()
    assert first["snapshot"]["parameters"].keys() == PARAMETERS.keys()
    assert first["at"] >= 0


def test_a_knob_turned_by_one_client_is_told_to_the_other(band, ws):
    other = band.websocket()
    ws.send({"set": {"swing": 0.25, "part/keys/density": 0.75}, "id": 7})
    assert ws.until(lambda m: m.get("id") == 7) == {"done": True, "id": 7}
    told = {}
    while not {"swing", "part/keys/density"} <= told.keys():
        told |= other.until(lambda m: "delta" in m)["delta"].get("parameters", {})
    assert (told["swing"], told["part/keys/density"]) == (0.25, 0.75)
    band.put("swing", 0.0)
    band.put("part/keys/density", 0.5)
    other.close()


def test_beats_are_told_as_they_happen_with_their_stamps(ws):
    ws.send({"do": "transport/start"})
    events = ws.until(lambda m: any(e["type"] == "Beat" for e in m.get("events", ())))["events"]
    beat = next(e for e in events if e["type"] == "Beat")
    assert (beat["bar"], beat["beat"]) == (1, 1)
    ws.send({"ping": "x"})
    assert ws.until(lambda m: "pong" in m)["now"] >= beat["at"] - 100_000
    ws.send({"do": "transport/stop", "id": 1})
    ws.until(lambda m: m.get("id") == 1)


def test_a_key_held_by_a_client_that_goes_is_let_go(band, ws):
    band.put("transport/sync", value=False)
    player = band.websocket()
    player.send({"note": [61, 90]})
    note = {"type": "NoteOn", "part": "player", "channel": 0, "pitch": 61, "velocity": 90}
    ws.until(lambda m: any(note.items() <= e.items() for e in m.get("events", ())))
    player.close()
    off = {"type": "NoteOff", "part": "player", "channel": 0, "pitch": 61}
    ws.until(lambda m: any(off.items() <= e.items() for e in m.get("events", ())))
    band.put("transport/sync", value=True)


@pytest.mark.parametrize(
    ("message", "status"),
    [
        ("{", 400),
        ("[]", 400),
        ({"set": {"energy": 2}}, 422),
        ({"set": {"no/such": 2}}, 404),
        ({"set": 3}, 422),
        ({"do": "no/such"}, 404),
        ({"do": 3}, 422),
        ({"do": "key", "arguments": "C"}, 422),
        ({"note": [60]}, 422),
        ({"note": [60, 128]}, 422),
        ({"note": [60, 1, 17]}, 422),
        ({"note": [True, 1]}, 422),
        ({"sing": 1}, 422),
    ],
)
def test_what_makes_no_sense_is_answered_and_costs_nothing(ws, message, status):
    ws.send(message)
    assert ws.until(lambda m: "error" in m)["error"]["status"] == status
    ws.send({"ping": 1})
    assert ws.until(lambda m: "pong" in m)["pong"] == 1


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(max_size=100)
    | st.dictionaries(
        st.sampled_from(["set", "do", "note", "ping", "id", "arguments", "x"]),
        st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers()) | st.just({"energy": None}),
    )
)
def test_no_message_is_too_strange(ws, message):
    ws.send(message)
    ws.send({"ping": "still there"})
    ws.until(lambda m: m.get("pong") == "still there")


def test_a_frame_that_is_too_long_ends_the_conversation_and_nothing_else(band, ws):
    other = band.websocket()
    other.send("x" * 100_000)
    while not isinstance(other.receive(), int):
        pass
    ws.send({"ping": 1})
    assert ws.until(lambda m: "pong" in m)


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Origin": "null"}])
def test_a_page_of_another_site_may_not_talk(band, headers):
    assert band.websocket(**headers).status == 403


def test_every_address_is_an_oscquery_node_with_its_type_range_and_value(band):
    for path, parameter in PARAMETERS.items():
        node = band.get(f"/sideman/{path}").json
        assert (node["FULL_PATH"], node["ACCESS"], node["DESCRIPTION"]) == (f"/sideman/{path}", 3, parameter.help)
        assert len(node["TYPE"]) == len(node["VALUE"]) == 1
        if parameter.kind in ("float", "int"):
            assert node["RANGE"] == [{"MIN": parameter.low, "MAX": parameter.high}]
        if parameter.unit:
            assert node["UNIT"] == [parameter.unit]
        assert band.get(f"/sideman/{path}?VALUE").json == {"VALUE": node["VALUE"]}


def test_the_root_holds_every_node_below_it(band):
    def walk(node):
        yield node["FULL_PATH"]
        for name, child in node.get("CONTENTS", {}).items():
            assert child["FULL_PATH"].endswith("/" + name)
            yield from walk(child)

    root = band.get("/").json
    assert {f"/sideman/{path}" for path in PARAMETERS} <= set(walk(root))
    assert root["CONTENTS"]["sideman"]["CONTENTS"]["chord"]["CONTENTS"]["now"]["TYPE"] == "sf"


def test_host_info_says_where_osc_and_websockets_are(band):
    info = band.get("/?HOST_INFO").json
    assert (info["OSC_PORT"], info["WS_PORT"], info["OSC_TRANSPORT"]) == (band.osc_port, band.port, "UDP")
    assert info["EXTENSIONS"]["LISTEN"]


def test_an_attribute_without_a_value_is_204_and_an_unknown_one_400(band):
    assert band.get("/sideman/fill?VALUE").status == 204
    assert band.get("/sideman/energy?COLOUR").status == 400
    assert band.get("/sideman/no/such").status == 404


def test_listen_sends_the_value_as_osc_at_once_and_at_every_change_until_ignore(band):
    ear = band.websocket("/")
    ear.send({"COMMAND": "LISTEN", "DATA": "/sideman/creativity"})
    ear.send("nonsense")
    ear.send({"COMMAND": "LISTEN", "DATA": "/no/such"})
    before = read(ear.receive())[0]
    assert before.address == "/sideman/creativity"
    band.put("creativity", 0.875)
    assert read(ear.receive())[0].arguments == (0.875,)
    band.put("creativity", 0.25)
    assert read(ear.receive())[0].arguments == (0.25,)
    ear.send({"COMMAND": "IGNORE", "DATA": "/sideman/creativity"})
    ear.send({"COMMAND": "LISTEN", "DATA": "/sideman/part/bass/mute"})
    assert read(ear.receive())[0].arguments == (False,)
    band.put("creativity", before.arguments[0])
    band.put("part/bass/mute", value=True)
    assert read(ear.receive())[0].address == "/sideman/part/bass/mute"
    band.put("part/bass/mute", value=False)
    ear.close()


def test_websockets_are_told_1001_and_all_is_soon_over_when_the_music_is(start_band):
    band = start_band()
    sockets = [band.websocket() for _ in range(20)]
    band.process.terminate()
    codes = []
    for socket in sockets:
        while not isinstance(message := socket.receive(), int):
            assert json.dumps(message)
        codes.append(message)
    assert set(codes) == {1001}
    assert band.process.wait(30) == 0
