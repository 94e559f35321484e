"""The phrase model in the heart: in time it plays, late or senseless the rules do, and a replay needs no model."""

from collections import Counter

import pytest

from realtime.core.events import ActionRequested, NoteOn, PhraseGiven, PhraseWanted, Stamped
from realtime.core.offline import play
from realtime.core.performer import Performer
from realtime.core.units import Micros
from tests.core.playing import BEAT, comping, notes_owed, started

LOOP = ["C", "Am", "F", "G"]
UNTIL = Micros(40 * BEAT)


def heart(style, *, model=True, mode="trade"):
    return Performer({style.name: style}, seed=3, parameters={"style": style.name, "mode": mode, "solo/model": model})


def script():
    chart = Stamped(Micros(0), ActionRequested("chart", ("| C | Am | F | G |",)))
    return sorted([*started(), chart, *comping(LOOP * 3)], key=lambda stamped: stamped.at)


def octaves(wanted):
    """The chord's lowest note and the one above, a beat each."""
    pitch = next(p for p in range(wanted.low, wanted.high) if wanted.harmony[0] >> 24 >> p % 12 & 1)
    beats = (wanted.end - wanted.start) // wanted.beat
    return tuple(number for beat in range(beats) for number in (beat * wanted.beat, 6, pitch))


def answering(notes, micros, given=None):
    """Somebody who answers so, and so late; what is given is kept in `given`."""

    def respond(stamped):
        if not isinstance(stamped.event, PhraseWanted) or not stamped.event.number:
            return None
        answer = Stamped(Micros(stamped.at + micros), PhraseGiven(stamped.event.number, notes(stamped.event)))
        if given is not None:
            given.append(answer)
        return answer

    return respond


def solo(outputs):
    return [(s.at, s.event.pitch) for s in outputs if isinstance(s.event, NoteOn) and s.event.part == "solo"]


@pytest.fixture
def by_rules(ballad):
    return solo(play(heart(ballad, model=False), script(), UNTIL))


def test_an_answer_in_time_is_played_from_its_first_note_on(ballad):
    performer, given = heart(ballad), []
    outputs = list(play(performer, script(), UNTIL, answering(octaves, 40_000, given)))
    counters = performer.snapshot().counters
    assert counters["phrases_asked"] == counters["phrases_in_time"] > 1
    assert counters["phrases_late"] == 0
    notes = solo(outputs)
    assert {pitch for _, pitch in notes} == {pitch for answer in given for pitch in answer.event.notes[2::3]}
    assert all(0 <= at % BEAT < 40_000 for at, _ in notes)
    assert not notes_owed(outputs)


def test_a_late_answer_leaves_the_rules_their_phrase(ballad, by_rules):
    performer = heart(ballad)
    assert solo(play(performer, script(), UNTIL, answering(octaves, 61_000))) == by_rules
    counters = performer.snapshot().counters
    assert counters["phrases_in_time"] == 0
    assert counters["phrases_late"] == counters["phrases_asked"] > 1


def test_no_answer_at_all_leaves_the_rules_their_phrase(ballad, by_rules):
    performer = heart(ballad)
    assert solo(play(performer, script(), UNTIL)) == by_rules
    assert performer.snapshot().counters["phrases_late"] > 0


@pytest.mark.parametrize(
    "notes",
    [lambda _: (), lambda wanted: (0, 6, wanted.low - 1), lambda wanted: (wanted.end - wanted.start, 6, wanted.low)],
    ids=["nothing", "out of reach", "after the end"],
)
def test_a_senseless_answer_leaves_the_rules_their_phrase(ballad, by_rules, notes):
    assert solo(play(heart(ballad), script(), UNTIL, answering(notes, 40_000))) == by_rules


def test_an_answer_to_what_nobody_asked_changes_nothing(ballad):
    odd = [Stamped(Micros(beat * BEAT + 7), PhraseGiven(99 + beat, (0, 6, 60))) for beat in range(1, 39)]
    plain = list(play(heart(ballad), script(), UNTIL))
    assert list(play(heart(ballad), sorted([*script(), *odd], key=lambda s: s.at), UNTIL)) == plain


def test_with_the_model_off_nothing_is_asked(ballad):
    assert not any(isinstance(s.event, PhraseWanted) for s in play(heart(ballad, model=False), script(), UNTIL))


def test_the_answers_as_inputs_give_the_same_performance_again(ballad):
    given = []
    first = list(play(heart(ballad), script(), UNTIL, answering(octaves, 40_000, given)))
    again = sorted([*script(), *given], key=lambda stamped: stamped.at)
    assert list(play(heart(ballad), again, UNTIL)) == first


def test_while_the_player_plays_a_line_the_model_hears_it_note_by_note(ballad):
    outputs = list(play(heart(ballad, mode="answer"), script(), UNTIL))
    heard = [s.event for s in outputs if isinstance(s.event, PhraseWanted) and not s.event.number]
    kinds = Counter(len(event.heard) // 3 for event in heard)
    assert len(kinds) > 2, "the line grows"
    assert all(event.heard[::3] == tuple(sorted(event.heard[::3])) for event in heard)


@pytest.mark.parametrize("notes", [(0, 6), (0, 6, 128), (6, 6, 60, 6, 6, 62), (0, 0, 60), (-1, 6, 60)])
def test_notes_that_are_none_are_no_phrase(notes):
    with pytest.raises(ValueError, match="notes must be"):
        PhraseGiven(1, notes)
