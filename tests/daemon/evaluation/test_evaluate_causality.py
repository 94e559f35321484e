"""The law of the evaluation: nothing after now is visible. Changing the future changes no past answer."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.evaluation.chart import chart_chord
from daemon.evaluation.corpus import ChartSpan, TuneNote
from daemon.evaluation.corruption import misheard
from daemon.evaluation.grid import grid_of
from daemon.evaluation.playing import performed_notes, tempo_of
from daemon.evaluation.prediction import foretell
from daemon.evaluation.predictors import ColdPredictor, OraclePredictor
from daemon.evaluation.recognition import hear
from daemon.evaluation.rehearsal import rehearse
from daemon.evaluation.rivals import fit
from daemon.evaluation.symbols import symbols_of_bars, symbols_of_beats, symbols_of_changes
from daemon.weights_folder import load_weights

BEATS = 48
PLACES = [1, 17, 30, 44]


def with_another_future(tune, beat):
    """The tune as far as beat `beat`; then other notes, another chart, and an earlier end."""
    notes = [
        tuple(note for note in track if note.start < beat) for track in (tune.melody, *(t for _, t in tune.tracks))
    ]
    other = tuple(TuneNote(float(beat + step), 0.8, 37 + 5 * step % 40) for step in range(min(6, BEATS - beat)))
    names = [name for name, _ in tune.tracks]
    chart = [span for span in tune.chart if span.start < beat]
    last = chart[-1]
    cut = replace(last, length=min(last.length, beat - last.start))
    strange = ChartSpan(float(beat), 4.0, chart_chord(11, "sus2", None))
    return replace(
        tune,
        melody=notes[0] + other,
        tracks=tuple(zip(names, (track + other for track in notes[1:]), strict=True)),
        chart=(*chart[:-1], cut, strange),
    )


@pytest.mark.parametrize("beat", PLACES)
@pytest.mark.parametrize("aided", [False, True])
@pytest.mark.parametrize("corrupt", [0.0, 0.25])
def test_what_was_heard_does_not_depend_on_what_comes(beat, aided, corrupt, tune, order):
    piece, rough = tune(), replace(order, corrupt=corrupt)
    heard, other = (list(hear(one, rough, aided=aided)) for one in (piece, with_another_future(piece, beat)))
    # Played roughly, a note of the future can come a little early; before that, nothing differs.
    past = beat - 1 if corrupt else beat
    assert heard[:past] == other[:past]
    assert len(heard) == BEATS


@pytest.mark.parametrize("beat", PLACES)
@pytest.mark.parametrize("melody_only", [False, True])
@pytest.mark.parametrize("reactive", [False, True])
def test_what_was_foreseen_and_played_does_not_depend_on_what_comes(beat, melody_only, reactive, tune, order):
    def play(piece):
        grid = grid_of(piece)
        notes = piece.melody if melody_only else performed_notes(piece, grid)
        return rehearse(replace(order, reactive=reactive), notes, grid, tempo_of(piece))

    piece = tune()
    told, other = play(piece), play(with_another_future(piece, beat))
    for name in ("guesses", "commitments"):
        # What is decided at the start of beat k, about beat k + 1, has heard nothing of beat k.
        past = {number: made for number, made in getattr(told, name).items() if number <= beat}
        assert past == {number: made for number, made in getattr(other, name).items() if number <= beat}
        assert not past or max(past) <= beat
    for name in ("plans", "struck", "carrying"):
        first, second = getattr(told, name), getattr(other, name)
        assert [first.get(number) for number in range(beat)] == [second.get(number) for number in range(beat)]


def first(symbols, count):
    """The first symbols, and what passed up to the last of them."""
    return replace(
        symbols, tokens=symbols.tokens[:count], positions=symbols.positions[:count], starts=symbols.starts[:count]
    )


def predictor(kind, grid, order, tunes):
    match kind:
        case "oracle":
            return OraclePredictor(grid, 4, order.weights.oracle)
        case "cold":
            return ColdPredictor(grid, 4, order.weights.oracle)
    return fit(kind, tunes).predictor(grid, cold=False)


@pytest.mark.parametrize("kind", ["oracle", "cold", "ngram2", "ngram4", "ppm"])
@pytest.mark.parametrize(
    ("grid", "symbols_of"), [("changes", symbols_of_changes), ("beats", symbols_of_beats), ("bars", symbols_of_bars)]
)
@pytest.mark.parametrize("beat", PLACES)
@pytest.mark.parametrize("corrupt", [0.0, 0.25])
def test_what_was_foretold_does_not_depend_on_what_comes(kind, grid, symbols_of, beat, corrupt, tune, order):
    piece = tune()
    other = with_another_future(piece, beat)
    whole, cut = (symbols_of(one, grid_of(one)) for one in (piece, other))
    # A symbol is asked for as it begins: when that is, is known; what it is, and all that comes later, is not.
    begun = zip(whole.starts or range(BEATS), cut.starts or range(BEATS), strict=False)
    same = sum(1 for one, two in begun if one == two <= beat)
    assert same > beat // 4
    heard = (misheard(row, corrupt, piece.name, 1) if corrupt else row for row in (whole, cut))
    one, two = (list(foretell(first(row, same), predictor(kind, grid, order, [piece]))) for row in heard)
    assert len(one) == len(two) == same
    for before, after in zip(one, two, strict=True):
        np.testing.assert_array_equal(before, after)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 84), min_size=2, max_size=20), st.lists(st.integers(0, 84), max_size=10), st.data())
def test_no_predictor_looks_ahead(tokens, others, data):
    weights = load_weights().oracle
    place = data.draw(st.integers(0, len(tokens)))
    for grid in ("changes", "beats", "bars"):
        one = list(foretell(tokens, OraclePredictor(grid, 4, weights)))
        two = list(foretell(tokens[:place] + others, OraclePredictor(grid, 4, weights)))
        for before, after in zip(one[: place + 1], two[: place + 1], strict=False):
            np.testing.assert_array_equal(before, after)


def test_the_tune_with_another_future_is_another_tune(tune):
    piece = tune()
    assert json.dumps([n.pitch for n in with_another_future(piece, 17).melody]) != json.dumps(
        [n.pitch for n in piece.melody]
    )
