"""Bars that close: every note in exactly one, and none closed too soon."""

from hypothesis import given
from hypothesis import strategies as st

from daemon.models.bars import GRID_TICKS, MAX_DURATION_TICKS, BarBook

KEY = ("keys", 2, 60)


def test_a_bar_closes_a_beat_after_its_end():
    book = BarBook()
    book.note_on(KEY, 80, 0)
    book.note_off(KEY, 480)
    assert book.closed(3840 + 959) == []
    [bar] = book.closed(3840 + 960)
    assert (bar.number, [(n.onset, n.duration) for n in bar.notes]) == (1, [(0, 480)])
    assert book.closed(3840 + 961) == []


def test_a_sounding_note_keeps_its_bar_open():
    book = BarBook()
    book.note_on(KEY, 80, 3800 - 60)
    assert book.closed(3840 * 2) == []
    book.note_off(KEY, 3840 * 2)
    assert [bar.number for bar in book.closed(3840 * 2 + 960)] == [1, 2]


def test_a_note_that_never_ends_is_cut():
    book = BarBook()
    book.note_on(KEY, 80, 0)
    closed = book.closed(MAX_DURATION_TICKS + 960)
    assert closed[0].notes[0].duration == MAX_DURATION_TICKS


def test_a_note_a_breath_early_belongs_to_the_next_bar():
    book = BarBook()
    book.note_on(KEY, 80, 3840 - GRID_TICKS // 2 + 1)
    book.note_off(KEY, 4800)
    first, second = book.finish(4800)
    assert first.notes == []
    assert second.notes[0].onset == 0


def test_bars_have_the_meter_and_tempo_they_began_with():
    book = BarBook()
    book.set_meter(3, 4)
    book.set_tempo(90.0)
    book.note_on(KEY, 80, 0)
    book.set_meter(4, 4)
    book.set_tempo(120.0)
    book.note_on(KEY, 80, 2880)
    bars = book.finish(3000)
    assert [(b.numerator, b.tempo_bpm, len(b.notes)) for b in bars] == [(3, 90.0, 1), (4, 120.0, 1)]


events = st.lists(st.tuples(st.integers(0, 400), st.integers(40, 44), st.booleans()), max_size=60)


@given(events)
def test_every_note_is_in_exactly_one_bar_and_bars_come_in_order(steps):
    book, bars, tick, struck = BarBook(), [], 0, 0
    for gap, pitch, on in steps:
        tick += gap
        if on:
            book.note_on(("keys", 2, pitch), 80, tick)
            struck += 1
        else:
            book.note_off(("keys", 2, pitch), tick)
        bars += book.closed(tick)
    bars += book.finish(tick)
    assert [bar.number for bar in bars] == list(range(1, len(bars) + 1))
    assert sum(len(bar.notes) for bar in bars) == struck
    assert book.missed == 0
    assert all(0 <= note.onset < 3840 for bar in bars for note in bar.notes)
