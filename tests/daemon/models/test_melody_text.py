"""What a language model writes is a melody, is mended into one, or is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.models.melody_text import BadMelody, MelodyNote, MelodyOrder, messages_for, read_melody
from daemon.models.theory_text import BadTheory, checked
from daemon.models.theory_text import messages_for as theory_messages
from daemon.theory import analyse, read_progression
from realtime.core.chord import parse_chord
from realtime.core.key_finder import Key

ORDER = MelodyOrder(tuple((parse_chord(name),) for name in ("C", "Am", "F", "G7")), Key(0, minor=False))
GOOD = [[60, 0, 4], [64, 4, 4], [67, 8, 8], [72, 16, 16]]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"notes": GOOD}),
        "Here is your melody:\n```json\n" + json.dumps({"notes": GOOD}, indent=1) + "\n```\nEnjoy {it}!",
        json.dumps(GOOD),
        json.dumps({"notes": [{"pitch": p, "start": s, "length": d} for p, s, d in GOOD]}),
        json.dumps({"notes": [{"p": p, "s": s, "d": d} for p, s, d in GOOD]}),
        json.dumps({"notes": [*GOOD, ["x", 1, 2]]}),
        json.dumps({"notes": GOOD})[:-2] + ", [74, 20",
        json.dumps({"notes": list(reversed(GOOD))}),
    ],
    ids=["plain", "fenced", "list", "objects", "short names", "one bad note", "cut off", "out of order"],
)
def test_a_melody_is_found_however_it_is_wrapped(text):
    assert read_melody(text, ORDER) == [MelodyNote(*note) for note in GOOD]


@pytest.mark.parametrize(
    "text", ["", "I cannot write music.", "{}", '{"notes": []}', '{"notes": [[1]]}', "[[[[[[", "{" * 9000, "[" * 50_000]
)
def test_what_is_no_melody_is_refused(text):
    with pytest.raises(BadMelody):
        read_melody(text, ORDER)


@given(
    st.lists(
        st.lists(st.integers(-200, 400) | st.floats(allow_nan=True) | st.text(max_size=3), max_size=4), max_size=40
    )
)
def test_whatever_notes_come_one_sounds_at_a_time_in_the_range_and_the_bars(raw):
    try:
        notes = read_melody(json.dumps({"notes": raw}), ORDER)
    except BadMelody:
        return
    for note, following in zip(notes, [*notes[1:], None], strict=True):
        assert ORDER.low <= note.pitch <= ORDER.high
        assert note.length >= 1
        assert note.start + note.length <= (ORDER.length if following is None else following.start)


@given(st.text(max_size=300))
def test_any_text_is_a_melody_or_refused(text):
    try:
        read_melody(text, ORDER)
    except BadMelody as bad:
        assert str(bad)


def test_the_chat_asks_for_the_bars_the_key_and_the_range():
    asked = messages_for(ORDER)[-1]["content"]
    assert all(part in asked for part in ("C major", "| C | Am | F | G7 |", "64 sixteenths", "60 to 84"))


ANALYSIS = analyse(read_progression("C A7 Dm7 G7 C"))


def test_a_theory_that_stays_with_the_facts_is_kept_with_what_it_quotes():
    text = "A7 leads to Dm7 as its dominant [secondary-dominant], and G7 goes home [cadence-authentic]."
    assert checked(text, ANALYSIS) == (text, ["secondary-dominant", "cadence-authentic"])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "1 to 4000 characters"),
        ("x" * 5000, "1 to 4000 characters"),
        ("The Bbmaj7 is lovely.", "names 'Bbmaj7'"),
        ("It is so [royal-road].", "quotes 'royal-road'"),
        ("Music is a language.", "neither names a chord"),
    ],
)
def test_a_theory_that_claims_more_is_refused(text, why):
    with pytest.raises(BadTheory, match=why):
        checked(text, ANALYSIS)


def test_the_chat_about_theory_holds_the_facts_and_the_notes_found():
    asked = theory_messages(ANALYSIS, "why does a tritone substitute slide?")[-1]["content"]
    assert "A7 is a secondary dominant, V7/ii" in asked
    assert "[secondary-dominant]" in asked
    assert "[tritone-substitute]" in asked
