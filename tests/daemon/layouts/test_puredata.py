"""The Pure Data patch, read back as text: windows, objects, cords."""

import re

import pytest

from daemon.layouts.pages import pages
from daemon.layouts.puredata import patch
from realtime.core.parameters import ACTIONS, PARAMETERS

LINES = patch(pages(["waltz", "reggae"]), 8123).decode().splitlines()


def windows():
    """Each window's objects, by their number, and its cords."""
    found, open_ones = [], []
    for line in LINES:
        words = line.rstrip(";").split()
        if words[:2] == ["#N", "canvas"]:
            open_ones.append(([], []))
        elif words[1] == "restore":
            found.append(open_ones.pop())
            open_ones[-1][0].append(words[1:])
        elif words[1] == "connect":
            open_ones[-1][1].append(tuple(map(int, words[2:])))
        else:
            open_ones[-1][0].append(words[1:])
    (main,) = open_ones
    return [*found, main]


WINDOWS = windows()
OBJECTS = [one for objects, _ in WINDOWS for one in objects]


def test_every_line_is_one_of_pd_s():
    for line in LINES:
        assert re.fullmatch(
            r"#N canvas( \S+)+;|#X (obj|msg|text|symbolatom|floatatom|restore|connect)( \S+)+;", line
        ), line


def test_every_cord_joins_objects_that_there_are():
    for objects, cords in WINDOWS:
        for source, _, sink, _ in cords:
            assert max(source, sink) < len(objects)
            assert source != sink


def test_every_address_that_is_said_is_in_the_table():
    said = {"/".join(one[5:]) for one in OBJECTS if one[3:5] == ["oscformat", "sideman"]}
    assert said - {"subscribe", "refresh"} <= set(PARAMETERS) | set(ACTIONS)
    assert said >= set(PARAMETERS)


@pytest.mark.parametrize("path", [p.path for p in PARAMETERS.values() if p.kind in ("int", "float")])
def test_a_slider_has_the_range_of_its_parameter_and_hears_what_is_told(path):
    (slider,) = (o for o in OBJECTS if o[3:4] in (["hsl"], ["vsl"]) and o[10] == f"sideman/{path}")
    assert [float(slider[6]), float(slider[7])] == pytest.approx(
        [PARAMETERS[path].low, PARAMETERS[path].high], rel=1e-5
    )
    assert slider[11] == f"sideman/{path}/is"
    assert sum(o[3:] == ["s", slider[11]] for o in OBJECTS) == 1


def test_what_is_seen_never_speaks_for_itself_when_it_is_told_something():
    for objects, cords in WINDOWS:
        for number, one in enumerate(objects):
            if one[3:4] == ["s"] and one[4].endswith("/is") and "/told/" not in one[4]:
                (source,) = (cord[0] for cord in cords if cord[2] == number)
                assert objects[source][0] == "msg"
                assert objects[source][3] == "set"
