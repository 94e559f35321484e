"""The Max patch, read back as JSON."""

import json

import pytest

from daemon.layouts.maxpat import maxpat
from daemon.layouts.pages import pages
from realtime.core.osc_codec import PREFIX
from realtime.core.parameters import ACTIONS, PARAMETERS

PATCHER = json.loads(maxpat(pages(["waltz", "reggae"]), 8123, 9123))["patcher"]
BOXES = {box["box"]["id"]: box["box"] for box in PATCHER["boxes"]}
LINES = [(line["patchline"]["source"], line["patchline"]["destination"]) for line in PATCHER["lines"]]


def after(box, outlet=None):
    return [BOXES[to] for (source, out), (to, _) in LINES if source == box["id"] and outlet in (None, out)]


def texts(prefix):
    return [box for box in BOXES.values() if box.get("text", "").startswith(prefix)]


def test_every_line_joins_an_outlet_to_an_inlet_that_there_are():
    for (source, outlet), (sink, inlet) in LINES:
        assert outlet < BOXES[source]["numoutlets"]
        assert inlet < BOXES[sink]["numinlets"]
        assert len(BOXES[source]["outlettype"]) == BOXES[source]["numoutlets"]


def test_every_address_that_is_sent_is_in_the_table_and_reaches_the_network():
    (network,) = texts("udpsend")
    assert network["text"] == "udpsend 127.0.0.1 8123"
    sent = [box for box in BOXES.values() if network in after(box)]
    paths = {box["text"].removeprefix("prepend ").split()[0].removeprefix(PREFIX) for box in sent}
    assert paths - {"refresh"} <= set(PARAMETERS) | set(ACTIONS)
    assert paths >= set(PARAMETERS)


@pytest.mark.parametrize("path", [p.path for p in PARAMETERS.values() if p.kind in ("int", "float")])
def test_a_slider_has_the_range_of_its_parameter_and_is_set_by_what_is_told(path):
    (said,) = (box for box in texts(f"prepend {PREFIX}{path}") if box["text"].split()[1] == PREFIX + path)
    (slider,) = (box for box in BOXES.values() if said in after(box))
    parameter = PARAMETERS[path]
    assert slider["min"] == parameter.low
    assert slider["min"] + slider["size"] - (parameter.kind == "int") == pytest.approx(parameter.high)
    (route,) = texts("route ")
    outlet = route["text"].split()[1:].index(PREFIX + path)
    assert any(slider in after(setter) and setter["text"] == "prepend set" for setter in after(route, outlet))


def test_a_choice_sends_its_value_and_shows_it():
    (button,) = (box for box in BOXES.values() if box["maxclass"] == "textbutton" and box["text"] == "waltz")
    said = {box["text"] for box in after(button)}
    assert said == {"/sideman/style waltz", "set waltz"}


def test_the_next_chord_and_its_probability_are_shown():
    (route,) = texts("route ")
    outlet = route["text"].split()[1:].index("/sideman/chord/next")
    unpacked = after(route, outlet)
    assert {box["text"] for box in unpacked} == {"unpack s 0. 0."}
    assert {out for box in unpacked for (source, out), _ in LINES if source == box["id"]} == {0, 1}
