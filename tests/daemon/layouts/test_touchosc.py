"""The TouchOSC layout, read back as the file has it: zlib, XML, and a script."""

import zlib
from xml.etree import ElementTree

import lupa
import py2tosc
import pytest

from daemon.layouts.pages import pages
from daemon.layouts.touchosc import tosc
from realtime.core.osc_codec import PREFIX
from realtime.core.parameters import ACTIONS, PARAMETERS

PAGES = pages(["waltz", "reggae"])
FILE = tosc(PAGES, 9123)
ROOT = ElementTree.fromstring(zlib.decompress(FILE))


def properties(node):
    return {p.findtext("key"): p.find("value") for p in node.findall("properties/property")}


def named(name):
    return next(node for node in ROOT.iter("node") if properties(node)["name"].text == name)


def messages():
    for osc in ROOT.iter("osc"):
        address = "".join(partial.findtext("value") for partial in osc.findall("path/partial"))
        yield address, osc


def test_every_address_that_is_sent_is_in_the_table_with_its_range():
    sent = {}
    for address, osc in messages():
        path = address.removeprefix(PREFIX)
        assert address.startswith(PREFIX)
        assert path in PARAMETERS or path in ACTIONS
        argument = osc.find("arguments/partial")
        if path in PARAMETERS and argument.findtext("type") == "VALUE":
            scale = float(argument.findtext("scaleMin")), float(argument.findtext("scaleMax"))
            assert scale == pytest.approx((PARAMETERS[path].low, PARAMETERS[path].high))
        sent[path] = osc
    assert set(sent) >= set(PARAMETERS)


def test_nothing_that_arrives_is_sent_again():
    for address, osc in messages():
        assert osc.findtext("feedback") == "0", address


def test_a_second_reader_finds_nothing_wrong_with_it(tmp_path):
    file = tmp_path / "sideman.tosc"
    file.write_bytes(FILE)
    document = py2tosc.load(file)
    assert document.validate() == []
    assert len(list(document.walk())) > 200


def test_the_same_layout_is_the_same_file():
    assert tosc(PAGES, 9123) == FILE


class Device:
    """TouchOSC, as far as the script needs it: controls by name, a clock, and what is sent."""

    def __init__(self):
        self.lua = lupa.LuaRuntime()
        self.sent, self.millis, self.controls = [], 0.0, {}
        space = self.lua.globals()
        space.getMillis = lambda: self.millis
        space.sendOSC = lambda *words: self.sent.append(words)
        self.lua.execute("function Color(...) return {...} end")
        make = self.lua.eval("function(f) return {values = {}, findByName = function(_, name) return f(name) end} end")
        space.self = make(self.control)
        self.lua.execute(properties(named("sideman"))["script"].text)

    def control(self, name):
        named(name)
        return self.controls.setdefault(name, self.lua.eval("{values = {}}"))

    def hears(self, address, *values):
        arguments = self.lua.table(*(self.lua.table(value=value) for value in values))
        self.lua.globals().onReceiveOSC(self.lua.table(address, arguments), self.lua.table())


def test_the_script_subscribes_asks_for_everything_once_and_subscribes_again():
    device = Device()
    for device.millis in (0.0, 10_000.0, 20_001.0):
        device.lua.globals().update()
    assert device.sent == [("/sideman/subscribe", 9123), ("/sideman/refresh", 9123), ("/sideman/subscribe", 9123)]


def test_the_script_shows_what_is_told_in_its_label():
    device = Device()
    device.hears("/sideman/chord/next", "Am7", 0.8125, 2.0)
    assert device.controls["chord/next/told/0"]["values"].text == "Am7"
    assert device.controls["chord/next/told/1"]["values"].text == "0.81"
    device.hears("/sideman/beat", 3, 2, 96.0)
    assert device.controls["beat/told/0"]["values"].text == "3"
    device.hears("/sideman/nobody/knows", 1)


def test_the_script_lights_the_choice_that_is_taken_and_no_other():
    device = Device()
    device.hears("/sideman/mode", "duet")
    brightness = {name: control.color[3] for name, control in device.controls.items() if control.color}
    assert max(brightness, key=brightness.get) == "mode/duet"
    assert sorted(brightness.values())[-2] < brightness["mode/duet"] / 2
    device.lua.globals().onReceiveNotify("/sideman/mode", "trade")
    assert device.controls["mode/trade"].color[3] == brightness["mode/duet"]
    assert device.controls["mode/duet"].color[3] < brightness["mode/duet"] / 2


def test_a_choice_tells_the_surface_when_a_finger_goes_down():
    lua = lupa.LuaRuntime()
    told = []
    lua.globals().root = lua.eval("function(f) return {notify = function(_, path, value) f(path, value) end} end")(
        lambda *words: told.append(words)
    )
    lua.globals().self = lua.eval("{values = {touch = true}}")
    lua.execute(properties(named("style/waltz"))["script"].text)
    lua.globals().onValueChanged("x")
    lua.globals().onValueChanged("touch")
    assert told == [("/sideman/style", "waltz")]
