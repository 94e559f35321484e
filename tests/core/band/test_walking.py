"""Walking lines."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from realtime.core.band.bassist import HIGHEST, LOWEST, nearest
from realtime.core.band.walking import next_step
from realtime.core.chance import Chance
from realtime.core.chord import QUALITIES, Chord

REACH = range(LOWEST, HIGHEST + 1)
chords = st.builds(
    lambda root, quality: Chord(root, quality, root), st.integers(0, 11), st.sampled_from(sorted(QUALITIES))
)
scales = st.integers(0, 11).map(lambda tonic: tuple((tonic + step) % 12 for step in (0, 2, 4, 5, 7, 9, 11)))


def walked(chord, target, scale, start, beats, seed=1):
    """The root and then `beats` steps over `chord`, each knowing how far it is to `target`."""
    chance = Chance(seed)
    line = [nearest(chord.bass, start)]
    for left in reversed(range(beats)):
        line.append(next_step(chord, scale, tuple(line[-2:]), left, target, REACH, (chance, (left,))))
    return line


@given(chords, chords, scales, st.integers(LOWEST, HIGHEST), st.integers(1, 7))
def test_a_line_stays_on_its_strings_and_never_leaps_beyond_a_fifth(chord, target, scale, start, beats):
    line = walked(chord, target, scale, start, beats)
    assert all(pitch in REACH for pitch in line)
    assert all(abs(one - other) <= 7 for one, other in pairwise(line))


@given(chords, chords, scales, st.integers(LOWEST, HIGHEST), st.integers(2, 7))
def test_a_line_comes_to_the_next_root_by_a_step_a_fourth_or_a_third(chord, target, scale, start, beats):
    last = walked(chord, target, scale, start, beats)[-1]
    assert min((target.bass - last) % 12, (last - target.bass) % 12) in (1, 2, 3, 4, 5)


@given(chords, scales, st.integers(LOWEST, HIGHEST), st.integers(3, 7))
def test_no_note_comes_twice_running(chord, scale, start, beats):
    line = walked(chord, None, scale, start, beats)
    assert all(one != other for one, other in pairwise(line))


@given(chords, chords, scales, st.integers(4, 7))
def test_most_of_a_line_is_of_the_chord_or_the_key(chord, target, scale, beats):
    line = walked(chord, target, scale, 36, beats)
    own = {*chord.pitch_classes, *scale}
    assert all(pitch % 12 in own for pitch in line[:-1])


def test_chance_changes_the_line():
    scale = (0, 2, 4, 5, 7, 9, 11)
    lines = {tuple(walked(Chord(0, "7", 0), Chord(5, "7", 5), scale, 36, 3, seed)) for seed in range(20)}
    assert len(lines) > 3
