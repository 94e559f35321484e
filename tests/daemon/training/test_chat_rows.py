"""Rows of words become the chats in which a model is asked: what is asked can be answered by what was played."""

import json

from hypothesis import given
from hypothesis import strategies as st

from daemon.models.melody_text import messages_for, read_melody
from daemon.training.chat_rows import BARS, chat_row, phrases_in, read_score, write_chats
from realtime.core.chord import name_of
from realtime.core.phrase_words import DURATIONS, chord_word, duration_word

SIXTEENTHS = st.sampled_from(range(0, 48, 3))
NOTES = st.dictionaries(SIXTEENTHS, st.tuples(st.integers(40, 90), st.sampled_from(DURATIONS)), min_size=2, max_size=8)


@st.composite
def rows(draw):
    words = ["BOS_None", "Style_jazz", "Role_melody", "TimeSig_4/4"]
    for bar in draw(st.lists(NOTES, min_size=2, max_size=12)):
        words.append("Bar_None")
        for place, (pitch, duration) in sorted(bar.items()):
            words.append(f"Position_{place}")
            if draw(st.booleans()):
                words.append(chord_word(draw(st.integers(0, 83))))
            words += [f"Pitch_{pitch}", duration_word(duration)]
    return " ".join(words)


@given(rows())
def test_the_answer_is_a_melody_as_it_is_asked_for_to_the_note(row):
    for order, notes in phrases_in(row):
        answer = chat_row(order, notes, has_template=True)["messages"][-1]["content"]
        assert read_melody(answer, order) == notes


@given(rows())
def test_every_note_of_a_row_is_in_one_phrase_if_none_is_too_short(row):
    phrases = list(phrases_in(row))
    score = read_score(row)
    assert all(len(order.bars) <= BARS and order.beats_per_bar == 4 for order, _ in phrases)
    assert sum(len(order.bars) for order, _ in phrases) == len(score.bars) or len(score.bars) % BARS == 1
    if len(score.bars) % BARS != 1:
        assert sum(len(notes) for _, notes in phrases) == len(score.notes)


@given(rows(), st.booleans())
def test_the_question_is_the_one_that_is_asked_when_playing(row, has_template):
    for order, notes in phrases_in(row):
        made = chat_row(order, notes, has_template=has_template)
        asked = messages_for(order)
        if has_template:
            assert made["messages"][:-1] == asked
        else:
            assert made["text"].startswith("\n".join(message["content"] for message in asked) + "\n{")


def bar(*notes, start=0):
    return " ".join(
        f"Position_{start + 12 * n} {chord} Pitch_{p} Duration_1.0.12" for n, (chord, p) in enumerate(notes)
    )


def test_chords_stand_on_the_beats_they_were_told_on():
    row = "BOS_None Style_pop Role_melody TimeSig_4/4 Bar_None " + bar(
        ("Chord_A:min", 69), ("", 72), ("Chord_D:min", 74), ("", 77)
    )
    row += " Bar_None " + bar(("Chord_E:7", 76), ("", 71), ("Chord_A:min", 69), ("", 69))
    ((order, notes),) = phrases_in(" ".join(row.split()))
    assert [[name_of(chord) for chord in each] for each in order.bars] == [
        ["Am", "Am", "Dm", "Dm"],
        ["E7", "E7", "Am", "Am"],
    ]
    assert order.key.name == "A minor"
    assert [note.start for note in notes] == list(range(0, 32, 4))


def test_bars_of_another_meter_begin_another_phrase():
    row = "BOS_None Style_pop Role_melody TimeSig_4/4 Bar_None " + bar(*[("", 60)] * 4)
    row += " Bar_None TimeSig_3/4 " + bar(*[("", 62)] * 3) + " Bar_None " + bar(*[("", 64)] * 3)
    orders = [order for order, _ in phrases_in(row)]
    assert [(order.beats_per_bar, len(order.bars)) for order in orders] == [(4, 1), (3, 2)]


def test_triplets_and_lines_that_are_none_are_counted_and_left_out(tmp_path):
    good = "BOS_None Style_pop Role_melody TimeSig_4/4 Bar_None " + bar(*[("", 60)] * 4)
    triplets = "BOS_None Style_pop Role_melody TimeSig_4/4 Bar_None " + bar(*[("", 60)] * 4, start=4)
    source = tmp_path / "rows.jsonl"
    lines = [json.dumps({"text": good}), "{", "[]", json.dumps({"text": "Hello"}), json.dumps({"text": triplets})]
    source.write_text("\n".join([*lines, lines[0]]) + "\n")
    assert write_chats(source, tmp_path / "chats.jsonl", 1, has_template=True) == (1, 4)
    assert len((tmp_path / "chats.jsonl").read_text().splitlines()) == 1
