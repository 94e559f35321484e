"""The surface that every layout is written from."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.http.oscquery import _TOLD
from daemon.layouts.pages import pages
from daemon.layouts.surface import GAP, PAGE_HEIGHT, PAGE_WIDTH, cells, split
from realtime.core.parameters import ACTIONS, PARAMETERS, check_action, coerce

STYLES = [f"style_{n}" for n in range(16)]
PAGES = pages(STYLES)
WIDGETS = [widget for page in PAGES for widget in page.widgets]
TURNED = [widget for widget in WIDGETS if widget.kind in ("fader", "switch")]


def overlap(one, other):
    return all(one[axis] < other[axis] + other[axis + 2] and other[axis] < one[axis] + one[axis + 2] for axis in (0, 1))


@pytest.mark.parametrize("count", [1, 16, 23, 40])
def test_no_two_widgets_of_a_page_overlap_and_none_leaves_it(count):
    for page in pages([f"style_{n}" for n in range(count)]):
        for widget in page.widgets:
            left, top, width, height = widget.frame
            assert 0 <= left < left + width <= PAGE_WIDTH, widget
            assert 0 <= top < top + height <= PAGE_HEIGHT, widget
        for one, other in combinations(page.widgets, 2):
            assert not overlap(one.frame, other.frame), (one.name, other.name)


@pytest.mark.parametrize("widget", WIDGETS, ids=lambda widget: widget.name)
def test_every_widget_can_be_touched_and_its_caption_be_read(widget):
    _, _, width, height = widget.control_frame
    assert width >= 40
    assert height >= 36
    assert len(widget.caption) * 5.5 <= width * (1 if widget.kind == "label" else 1.1)


def test_every_parameter_is_on_the_surface_and_every_button_that_needs_no_words():
    assert {widget.path for widget in WIDGETS} >= set(PARAMETERS)
    needs_words = {"key", "chord", "chart", "transport/meter"} | {path for path in ACTIONS if path.startswith("midi/")}
    assert {widget.path for widget in WIDGETS} >= set(ACTIONS) - needs_words


def test_every_name_is_there_once():
    names = [widget.name for widget in WIDGETS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("widget", WIDGETS, ids=lambda widget: widget.name)
def test_what_a_widget_says_is_understood(widget):
    match widget.kind:
        case "fader" | "switch":
            assert all(coerce(widget.path, value) == value for value in widget.range)
            assert 0 <= widget.default_share <= 1
        case "choice":
            assert coerce(widget.path, widget.argument) == widget.argument
        case "button":
            check_action(widget.path, [] if widget.argument is None else [widget.argument])


@pytest.mark.parametrize("widget", [w for w in WIDGETS if w.kind == "label"], ids=lambda widget: widget.name)
def test_a_label_shows_an_argument_that_is_told(widget):
    if widget.path in PARAMETERS:
        assert (widget.types, widget.shows) == ("s", 0)
    else:
        assert widget.types == _TOLD[widget.path][0]
        assert widget.shows < len(widget.types)


@given(st.lists(st.floats(0.5, 9), min_size=1, max_size=12), st.booleans())
def test_what_is_split_fills_the_area_with_gaps_between(shares, down):
    area = (7, 11, 900, 700)
    parts = split(area, shares, down=down)
    axis = 1 if down else 0
    assert parts[0][axis] == area[axis]
    assert parts[-1][axis] + parts[-1][axis + 2] == area[axis] + area[axis + 2]
    for one, following in pairwise(parts):
        assert one[axis] + one[axis + 2] + GAP == following[axis]


def test_cells_fill_row_by_row():
    assert [cell[:2] for cell in cells((0, 0, 206, 106), 3, 2)] == [(0, 0), (106, 0), (0, 56)]
