"""Phrases over any chords at all: in range, in the plan, singable, and the same for the same seed."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.core.chance import Chance
from realtime.core.chord import QUALITIES, Chord, parse_chord
from realtime.core.key_finder import Key
from realtime.core.solo.chord_scale import chord_scale
from realtime.core.solo.idiom import IDIOMS, SHAPES, TEMPLATES, cells_of, idiom_of
from realtime.core.solo.motif import Motif, kinship, motif_of, strikes
from realtime.core.solo.phrase import HALF_REACH, PhraseRequest, RulePhraser, SoloNote, chord_at, refit
from realtime.core.solo.skeleton import Grid

chords = st.builds(lambda root, quality: Chord(root, quality, root), st.integers(0, 11), st.sampled_from([*QUALITIES]))


@st.composite
def requests(draw):
    held = draw(st.lists(st.tuples(chords, st.integers(1, 4)), min_size=1, max_size=4))
    plan = tuple(chord for chord, beats in held for _ in range(beats))[:8]
    return PhraseRequest(
        first_beat=draw(st.integers(0, 200)),
        beats_per_bar=draw(st.sampled_from([3, 4])),
        chords=plan,
        key=draw(st.none() | st.builds(Key, st.integers(0, 11), st.booleans())),
        genre=draw(st.sampled_from([*IDIOMS, "polka"])),
        grid=Grid(draw(st.sampled_from([960, 1440])), draw(st.sampled_from([2, 3, 4])), draw(st.floats(0, 1))),
        density=draw(st.floats(0, 1)),
        energy=draw(st.floats(0, 1)),
        last_pitch=draw(st.none() | st.integers(55, 90)),
        chance=Chance(draw(st.integers(0, 50))),
    )


def compose(request):
    return RulePhraser().compose(request, ())


@given(requests())
@settings(max_examples=80)
def test_a_phrase_is_one_line_within_its_beats_and_its_register(request):
    notes, home = compose(request).notes, idiom_of(request.genre).home
    assert all(one.end <= two.start for one, two in pairwise(notes))
    assert all(0 <= note.start < note.end for note in notes)
    assert all(note.end <= request.beats * request.grid.beat_ticks for note in notes)
    assert all(abs(note.pitch - home) <= HALF_REACH for note in notes)


@given(requests())
@settings(max_examples=80)
def test_what_is_outside_the_scale_is_blue_or_leads_on_by_a_semitone(request):
    phrase = compose(request)
    scales = [chord_scale(chord_at(request, note.start, note.end), request.key) for note in phrase.notes]
    for (note, scale), (after, onward) in pairwise([*zip(phrase.notes, scales, strict=True), (None, None)]):
        if not scale.has(note.pitch) and not (phrase.idiom.blue and note.pitch % 12 in scale.blue):
            assert after is not None, "nothing is left hanging"
            assert abs(after.pitch - note.pitch) == 1
            assert onward.has(after.pitch)


@given(requests())
@settings(max_examples=30)
def test_the_same_request_gets_the_same_phrase(request):
    assert compose(request) == compose(request)


@given(requests(), chords, st.integers(0, 8))
@settings(max_examples=60)
def test_another_plan_changes_only_what_has_not_begun(request, chord, beat):
    phrase, now = compose(request), beat * request.grid.beat_ticks
    changed = refit(phrase, [*request.chords[:beat], *[chord] * (request.beats - beat)], request.key, now)
    assert [note for note in changed.notes if note.start < now] == [note for note in phrase.notes if note.start < now]
    assert [note.start for note in changed.notes] == [note.start for note in phrase.notes]
    scale = chord_scale(chord, request.key)
    late = [note for note in changed.notes if note.start >= now and note.end - note.start > request.grid.beat_ticks]
    assert all(scale.has(n.pitch) or (phrase.idiom.blue and n.pitch % 12 in scale.blue) for n in late)


def test_the_player_s_motif_is_heard_in_the_answer():
    line = [SoloNote(0, 400, 72, 1.0), SoloNote(640, 900, 76, 1.0), SoloNote(960, 1800, 79, 1.0)]
    motif = motif_of(line, 960, 2)
    assert motif == Motif(("xx", "x-"), (4, 3))
    request = PhraseRequest(
        8, 4, (parse_chord("F"),) * 8, Key(0, minor=False), "pop", Grid(960, 2, 0.0), motif=motif, chance=Chance(1)
    )
    assert kinship(motif, compose(request).notes, 960) >= 0.75


def test_nobody_can_play_over_nothing():
    assert compose(PhraseRequest(0, 4, (None,) * 4, None, "jazz", Grid(960, 2, 1.0))) is None


@pytest.mark.parametrize("genre", sorted(IDIOMS))
@pytest.mark.parametrize("grid", [2, 3, 4])
def test_every_genre_has_cells_of_two_beats_from_sparse_to_busy(genre, grid):
    cells = [cell.split() for cell in cells_of(genre, grid)]
    assert all(len(cell) == 2 and set("".join(cell)) <= set("xX-.") for cell in cells)
    assert strikes(cells[0]) <= 2
    assert strikes(cells[-1]) >= 4
    assert sum(strikes(cell) >= 2 for cell in cells) >= 4
    assert IDIOMS[genre].manner in TEMPLATES
    assert all(len(shape) == 4 for shape in SHAPES)


@pytest.mark.parametrize(
    ("symbol", "scale"),
    [
        ("D7", {2, 4, 6, 7, 9, 11, 0}),
        ("A7", {9, 11, 1, 2, 4, 5, 7}),
        ("E7", {4, 5, 8, 9, 11, 0, 2}),
        ("Bb7", {10, 0, 2, 4, 5, 7, 8}),
        ("Fm", {5, 7, 8, 10, 0, 2, 4}),
        ("Cmaj7", {0, 2, 4, 5, 7, 9, 11}),
        ("G7b9", {7, 8, 11, 0, 2, 4, 5}),
    ],
)
def test_a_chord_s_scale_is_the_key_s_where_the_chord_leaves_it_open(symbol, scale):
    found = chord_scale(parse_chord(symbol), Key(0, minor=False))
    assert found.scale >= set(parse_chord(symbol).pitch_classes)
    assert symbol == "Fm" or found.scale == scale
