"""Explanations say what the analysis supports, in words that the knowledge base explains."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.cli import main
from daemon.theory import analyse, explain, read_progression
from daemon.theory.knowledge import MOST_RESULTS, bundled
from daemon.theory.progression import of_chords
from daemon.theory.sentences import sentences
from daemon.theory.voice_leading import judge, lay_out
from tests.daemon.theory.test_readings import CHORDS
from tests.daemon.theory.textbook import TEXTBOOK


@pytest.mark.parametrize(
    ("text", "cadence"),
    [
        ("Dm7 G7 Cmaj7", "authentic"),
        ("C F C", "plagal"),
        ("C F Fm C", "minor plagal"),
        ("C Am Dm G", "half"),
        ("Am F Dm E", "half"),
        ("Am G F E7", "phrygian half"),
        ("C Fm7 Bb7 C", "backdoor"),
        ("Dm7 Db7 C", "tritone"),
        ("C F Bdim C", "leading-tone"),
        ("C F G7/B C", "inverted authentic"),
    ],
)
def test_a_cadence_has_its_name(text, cadence):
    last = analyse(read_progression(text)).cadences[-1]
    assert (last.kind, last.ends_phrase) == (cadence, True)


def test_a_dominant_that_goes_to_the_sixth_degree_deceives():
    first = analyse(read_progression("C F G7 Am Dm G7 C")).cadences[0]
    assert (first.kind, first.index, first.ends_phrase) == ("deceptive", 3, True)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("| C7 | F7 | C7 | C7 | F7 | F7 | C7 | C7 | G7 | F7 | C7 | G7 |", "twelve-bar blues"),
        ("Dm7 G7 Cmaj7", "ii–V–I"),
        ("Cm7 F7 Bbmaj7 Ebmaj7 Am7b5 D7 Gm", "circle of fifths"),
        ("C G Am F", "I–V–vi–IV (axis)"),
        ("Am G F E7", "Andalusian cadence"),
        ("C G Am Em F C", "Pachelbel sequence"),
        ("C F F#dim7 C/G", "IV–#iv°–I/5"),
    ],
)
def test_a_progression_with_a_name_is_called_by_it(text, name):
    assert name in {found.name for found in analyse(read_progression(text)).schemata}


@given(st.lists(CHORDS, min_size=1, max_size=12))
def test_every_sentence_rests_on_the_analysis_and_every_entry_it_names_exists(chords):
    analysis = analyse(of_chords(chords))
    parts = {"key", "modulations", "chords", "cadences", "schemata", "voice_leading", "complexity"}
    for sentence in sentences(analysis):
        assert sentence.support.split("[")[0].split(".")[0] in parts
        assert sentence.entry is None or bundled().entry(sentence.entry)


def test_secondary_dominants_are_said_to_resolve_only_where_they_do():
    resolved = explain(analyse(read_progression("C A7 Dm G7 C"))).text
    broken = explain(analyse(read_progression("C A7 F G7 C"))).text
    assert "A7 is a secondary dominant, V7/ii, and goes where it points, to Dm." in resolved
    assert "A7 is a secondary dominant, V7/ii; it points to D, which does not follow." in broken


@pytest.mark.parametrize("words", ["tritone", "how does a backdoor cadence work?", "amen", '"quotes" OR NOT (', "🎹"])
def test_any_words_can_be_searched_for(words):
    assert len(bundled().search(words, 100)) <= MOST_RESULTS


def test_a_search_finds_what_it_names_first():
    assert bundled().search("amen plagal")[0].id == "cadence-plagal"
    assert bundled().search("Giant Steps")[0].id == "coltrane-changes"


@given(st.lists(CHORDS, min_size=2, max_size=8))
def test_four_parts_sound_each_chord_over_its_bass(chords):
    for chord, voicing in zip(chords, lay_out(chords), strict=True):
        assert voicing == tuple(sorted(voicing))
        assert voicing[0] % 12 == chord.bass
        assert {pitch % 12 for pitch in voicing[1:]} <= set(chord.pitch_classes)


@pytest.mark.parametrize("text", [text for text, _, _ in TEXTBOOK])
def test_our_own_four_parts_have_no_parallel_octaves(text):
    faults = analyse(read_progression(text)).voice_leading.faults
    assert "parallel octaves" not in {fault.kind for fault in faults}


def test_parallels_in_given_voicings_are_found():
    chords = read_progression("C Dm").chords
    moved = judge(chords, [analyse(read_progression("C Dm"), None).key] * 2, [(48, 55, 64, 72), (50, 57, 65, 74)])
    assert {fault.kind for fault in moved.faults} == {"parallel fifths", "parallel octaves"}
    with pytest.raises(ValueError, match="2 chords need so many voicings"):
        judge(chords, [], [(60,)])


def test_the_command_prints_the_table_or_json(capsys):
    assert main(["theory", "Dm7 G7 Cmaj7"]) == 0
    assert "ii7" in capsys.readouterr().out
    assert main(["theory", "ii7 V7 Imaj7", "--key", "Bb", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [chord["chord"] for chord in answer["chords"]] == ["Cm7", "F7", "Bbmaj7"]
    assert answer["explanation"]["sentences"]


def test_without_qwen_the_templates_words_stand_and_it_is_said(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    assert main(["theory", "Dm7 G7 Cmaj7", "--words", "qwen", "--question", "what is a backdoor?"]) == 0
    said = capsys.readouterr()
    assert "the template's words instead" in said.err
    assert "[backdoor-dominant]" in said.out


@pytest.mark.parametrize(
    ("words", "message"), [(["Dm7 H"], "neither a chord symbol"), (["C", "--key", "Q"], "--key: a key is a note")]
)
def test_the_command_refuses_what_it_cannot_read(words, message, capsys):
    assert main(["theory", *words]) == 2
    assert message in capsys.readouterr().err
