"""The terminal: a line a bar, a live line only where it can be redrawn, colour only where it is wanted."""

import io

from hypothesis import given
from hypothesis import strategies as st

from daemon.timeline_view import TimelineView
from realtime.core.events import Beat, ChordForeseen, ChordHeard, KeyHeard, NoteOn, Stamped, TransportChanged


class Terminal(io.StringIO):
    def isatty(self):
        return True


def shown(stream, environment=None):
    view = TimelineView(stream, environment or {})
    for number in range(8):
        at = number * 500_000
        view.show(Stamped(at, Beat(number, number // 4 + 1, number % 4 + 1, 96.0)))
        if number == 4:
            view.show(Stamped(at + 420_000, ChordHeard("Cm7", 0.9, 4)))
        view.show(Stamped(at, ChordForeseen("Cm7", 0.83, 1, number + 1, committed=True)))
        view.show(Stamped(at + 9, NoteOn("bass", 1, 40, 80)))
    view.show(Stamped(4_000_000, TransportChanged(False, 96.0, "4/4")))
    view.close()
    return stream.getvalue()


def test_a_pipe_gets_one_plain_line_a_bar():
    lines = shown(io.StringIO()).splitlines()
    assert len(lines) == 3
    assert "\x1b" not in "".join(lines)
    assert lines[2].split()[:2] == ["2", "Cm7"]
    assert "Cm7 83% ✓" in lines[2]


def test_a_terminal_gets_colour_and_a_live_line():
    text = shown(Terminal())
    assert "\x1b[32m" in text
    assert text.count("\r") >= 8


def test_no_color_means_no_colour():
    assert "\x1b[32m" not in shown(Terminal(), {"NO_COLOR": "1"})


def test_a_dumb_terminal_is_never_redrawn():
    assert "\r" not in shown(Terminal(), {"TERM": "dumb"})


events = st.one_of(
    st.builds(Beat, st.integers(0, 99), st.integers(1, 30), st.integers(1, 7), st.floats(20, 400)),
    st.builds(ChordHeard, st.sampled_from(["C", "N", "Am7"]), st.floats(0, 1)),
    st.builds(ChordForeseen, st.just("G"), st.floats(0, 1), st.integers(0, 8), st.integers(0, 99), st.booleans()),
    st.builds(KeyHeard, st.just("C major"), st.floats(0, 1)),
    st.builds(TransportChanged, st.booleans(), st.floats(20, 400), st.just("4/4")),
)


@given(st.lists(st.builds(Stamped, st.integers(0, 10**8), events), max_size=40))
def test_any_outputs_can_be_shown(outputs):
    view = TimelineView(Terminal(), {})
    for stamped in outputs:
        view.show(stamped)
    view.close()
