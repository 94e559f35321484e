"""Drummer, bassist and keyboardist: what they play on a beat."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.band.bassist import HIGHEST, LOWEST, play_bass
from realtime.core.band.drummer import play_drums
from realtime.core.band.keyboardist import play_chords
from realtime.core.band.note import Moment
from realtime.core.chance import Chance
from realtime.core.chord import QUALITIES, Chord, is_same_harmony, parse_chord
from realtime.core.key_finder import Key
from realtime.core.register import NOBODY
from realtime.core.units import Ticks

chords = st.builds(Chord, st.integers(0, 11), st.sampled_from(sorted(QUALITIES)), st.integers(0, 11))


def moment(style, variation="B", bar=0, beat=0, *, chord="C", before="C", after="C", energy=0.5, fill=None, seed=1):
    read = [parse_chord(c) if isinstance(c, str) else c for c in (chord, before, after)]
    return Moment(
        style=style, groove=style.grooves[variation], fill=fill, section_start=False, tacet=False, bar=bar,
        beat_in_bar=beat,
        start=Ticks((bar * 4 + beat) * 960), beat_ticks=960, chord=read[0], chord_before=read[1],
        coming=(read[2],), sure=True,
        key=Key(0, minor=False), energy=energy, density=dict.fromkeys(("drums", "bass", "keys", "pad"), 0.5), swing=0.0,
        crowd=NOBODY, chance=Chance(seed),
    )  # fmt: skip


@given(chords, chords, chords, st.sampled_from("ABCD"), st.integers(0, 3), st.integers(0, 40))
def test_the_bass_stays_on_its_strings_and_within_its_beat(ballad, chord, before, after, variation, beat, bar):
    now = moment(ballad, variation, bar, beat, chord=chord, before=before, after=after)
    for note in play_bass(now, (40,)):
        assert LOWEST <= note.pitch <= HIGHEST
        assert now.start <= note.start < now.end
        assert note.end > note.start


@given(chords, chords, st.sampled_from("ABCD"), st.integers(0, 3))
def test_a_new_chord_is_stated_at_once_by_bass_and_keys(ballad, chord, before, variation, beat):
    now = moment(ballad, variation, 0, beat, chord=chord, before=before, after=chord)
    bass = play_bass(now, (40,))
    keys, _ = play_chords(now, "keys", now.groove.keys, ())
    if not is_same_harmony(chord, before):
        assert bass[0].start == now.start
        assert bass[0].pitch % 12 == chord.bass
        assert keys[0].start == now.start
    assert {note.pitch % 12 for note in keys} <= set(chord.pitch_classes) | {(chord.root + 2) % 12}


@given(st.sampled_from("ABCD"), st.integers(0, 3), st.integers(0, 40), st.floats(0, 1))
def test_drums_hit_known_keys_at_sane_velocities_within_their_beat(ballad, variation, beat, bar, energy):
    now = moment(ballad, variation, bar, beat, energy=energy)
    for note in play_drums(now):
        assert 35 <= note.pitch <= 81
        assert 1 <= note.velocity <= 127
        assert now.start <= note.start < now.end
        assert abs(note.lag_micros) < 40_000


def test_more_energy_is_louder(ballad):
    soft, loud = (play_drums(moment(ballad, energy=energy)) for energy in (0.1, 0.9))
    assert all(quiet.velocity < hard.velocity for quiet, hard in zip(soft, loud, strict=True))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_same_seed_plays_the_same_and_another_does_not(ballad, seed):
    assert play_drums(moment(ballad, seed=seed)) == play_drums(moment(ballad, seed=seed))
    assert play_drums(moment(ballad, seed=seed)) != play_drums(moment(ballad, seed=seed + 1))


def test_an_approach_leads_by_step_into_the_next_chord(ballad):
    last = play_bass(moment(ballad, "B", bar=1, beat=3, after="F"), (36,))[-1]
    assert abs(last.pitch - 41) <= 2 or abs(last.pitch - 29) <= 2
    assert last.pitch % 12 != 5


def test_a_fill_replaces_the_groove(ballad):
    plain = {(n.pitch, n.start) for n in play_drums(moment(ballad, beat=3))}
    filled = {(n.pitch, n.start) for n in play_drums(moment(ballad, beat=3, fill=1))}
    assert plain != filled


def test_without_a_chord_nobody_but_the_drums_plays(ballad):
    now = moment(ballad, chord=None, before=None, after=None)
    assert play_bass(now, (40,)) == []
    assert play_chords(now, "keys", now.groove.keys, ())[0] == []
    assert play_drums(now)


@given(chords, st.integers(LOWEST, HIGHEST))
def test_a_walking_line_goes_on_to_the_new_root_from_where_it_is(ballad, chord, last):
    now = moment(ballad, chord=chord, before=None, after=chord)
    walking = now._replace(groove=replace(now.groove, bass="w---" * 4))
    root = play_bass(walking, (last,))[0].pitch
    assert root % 12 == chord.bass
    assert abs(root - last) <= 12
    if 33 <= last <= 44:
        assert abs(root - last) <= 8


def test_the_bass_leans_on_the_one_and_the_middle_of_the_bar(ballad):
    row = "b---" * 4
    velocities = []
    for beat in range(4):
        now = moment(ballad, beat=beat, energy=1.0)
        now = now._replace(groove=replace(now.groove, bass=row))
        velocities.append(play_bass(now, (36,))[0].velocity)
    assert min(velocities[0], velocities[2]) > max(velocities[1], velocities[3])
