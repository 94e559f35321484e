"""The ear for the beat: what it makes of steady, hurrying, broken-off and meaningless playing."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.core.beat_ear import BeatEar
from realtime.core.units import Micros

CHORDS = ((36, 60, 64, 67), (33, 57, 60, 64), (41, 60, 65, 69), (43, 59, 62, 67))


def comped(tempi, eighths=True):
    """Note-ons of a bar a chord: bass and chord on one, the chord again on each beat, a note between; and the beats."""
    time, notes, beats = 0.5, [], []
    for number, tempo in enumerate(tempi):
        length, chord = 60.0 / tempo, CHORDS[number // 4 % 4]
        beats.append(time)
        notes += [(time, pitch) for pitch in (chord if number % 4 == 0 else chord[1:])]
        if eighths:
            notes.append((time + length / 2, 72 + number % 5))
        time += length
    return notes, beats


def heard(notes, ear=None):
    """The ear after the notes, and its estimates with when each was made."""
    if ear is None:
        ear = BeatEar()
        ear.begin(4)
        ear.expect(60, 120, 0.25)
    told = []
    for time, pitch in sorted(notes):
        at = Micros(round(time * 1e6))
        while ear.due() is not None and ear.due() < at:
            due = ear.due()
            told.append((due / 1e6, ear.hear(), ear.state))
        ear.strike(pitch, 80, 0, at)
    due = ear.due()
    told.append((due / 1e6, ear.hear(), ear.state))
    return ear, told


def off(estimate, beat):
    """How far a true beat is from the nearest estimated one, in ms."""
    away = estimate.beats_at(beat * 1e6)
    return abs(away - round(away)) * estimate.length / 1000


def off_bar(estimate, downbeat):
    away = estimate.beats_at(downbeat * 1e6) / 4
    return abs(away - round(away)) * 4


@pytest.mark.parametrize("tempo", [58, 72, 88, 104, 124])
def test_a_steady_beat_is_locked_within_twelve_beats_with_its_bar_line(tempo):
    notes, beats = comped([tempo] * 24)
    ear, told = heard(notes)
    locked = next(at for at, _, state in told if state == "locked")
    assert locked <= beats[12]
    assert ear.tempo_bpm == pytest.approx(tempo, rel=0.01)
    _, estimate, _ = told[-1]
    assert off(estimate, beats[-1]) < 10
    assert off_bar(estimate, beats[20]) < 0.05
    assert ear.confidence > 0.9


@given(st.floats(66, 110), st.floats(-0.1, 0.1))
@settings(max_examples=15, deadline=None)
def test_a_ramp_of_a_tenth_over_eight_bars_is_followed(tempo, change):
    tempi = [tempo] * 24 + [tempo * (1 + change * n / 32) for n in range(32)]
    notes, beats = comped(tempi)
    _, told = heard(notes)
    for at, estimate, _ in told:
        if at > beats[20]:
            following = next((beat for beat in beats if beat > at), None)
            assert following is None or off(estimate, following) < 45


def test_a_tempo_expected_decides_between_a_beat_and_its_half():
    notes, _ = comped([80] * 24)
    slow, fast = BeatEar(), BeatEar()
    for ear, bpm in ((slow, 80), (fast, 160)):
        ear.begin(4)
        ear.expect(bpm / 1.08, bpm * 1.08, 0.06)
        heard(notes, ear)
        assert ear.tempo_bpm == pytest.approx(bpm, rel=0.02)


def test_silence_loses_the_beat_and_playing_on_finds_it_again():
    notes, _ = comped([90] * 24)
    ear, _ = heard(notes)
    assert ear.state == "locked"
    assert ear.silent_at() == pytest.approx(ear.heard_at + 4.5 * 60e6 / 90, rel=0.02)
    ear.lose()
    assert (ear.state, ear.confidence, ear.silent_at()) == ("lost", 0.0, None)
    later = [(time + 24.0, pitch) for time, pitch in notes]
    heard(later, ear)
    assert ear.state == "locked"
    assert ear.tempo_bpm == pytest.approx(90, rel=0.01)


def test_one_chord_held_is_no_beat():
    ear, _ = heard([(1.0, pitch) for pitch in CHORDS[0]])
    assert (ear.state, ear.confidence) == ("locking", 0.0)


notes_of_any_kind = st.lists(
    st.tuples(st.floats(0, 60, allow_nan=False), st.integers(0, 127)), min_size=1, max_size=120
)


@given(notes_of_any_kind, st.integers(1, 7))
@settings(max_examples=40, deadline=None)
def test_whatever_is_played_the_estimate_is_a_possible_beat(notes, beats_per_bar):
    ear = BeatEar()
    ear.begin(beats_per_bar)
    _, told = heard(notes, ear)
    for _, estimate, _ in told:
        assert 60e6 / 220.5 <= estimate.length <= 60e6 / 39.5
        assert math.isfinite(estimate.time)
        assert 0.0 <= estimate.bar_share <= estimate.share <= 1.0 + 1e-9
    assert 0.0 <= ear.confidence <= 1.0


@given(notes_of_any_kind)
@settings(max_examples=10, deadline=None)
def test_the_same_notes_give_the_same_estimates(notes):
    assert heard(notes)[1] == heard(notes)[1]


def test_drums_alone_give_a_beat():
    ear = BeatEar()
    ear.begin(4)
    ear.expect(80, 140, 0.25)
    at = 0.5
    for eighth in range(64):
        struck = [42] + [36] * (eighth % 8 in (0, 5)) + [38] * (eighth % 4 == 2)
        for pitch in struck:
            ear.strike(pitch, 90, 9, Micros(round(at * 1e6)))
        ear.hear()
        at += 0.25
    assert ear.state == "locked"
    assert ear.tempo_bpm == pytest.approx(120, rel=0.01)
