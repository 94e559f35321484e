"""The demo's performance: a real piece for two hands, the same every time."""

from daemon.demo_tune import FORM, demo_script
from realtime.core.chord import parse_chord
from realtime.core.events import MidiReceived


def notes(script):
    """Onset, end and pitch of every note; fails where an off has no on or an on no off."""
    down, found = {}, []
    for stamped in script.inputs:
        if isinstance(stamped.event, MidiReceived):
            status, pitch, velocity = stamped.event.data
            if status == 0x90 and velocity:
                assert pitch not in down, "struck while it was down"
                down[pitch] = stamped.at
            elif status == 0x80:
                found.append((down.pop(pitch), stamped.at, pitch))
    assert not down
    return found


def test_every_key_that_goes_down_comes_up_before_it_goes_down_again():
    assert len(notes(demo_script())) == demo_script().notes


def test_it_lasts_a_minute_and_a_half():
    assert 75_000_000 < demo_script().last_input < 101_000_000


def test_it_is_played_by_two_hands_and_nobody_can_tell_them_by_a_split():
    pitches = {pitch for _, _, pitch in notes(demo_script())}
    assert min(pitches) < 43
    assert max(pitches) > 82


def test_the_same_seed_is_the_same_performance_and_another_is_another():
    assert demo_script(3) == demo_script(3)
    assert demo_script(3) != demo_script(4)


def test_it_is_timed_like_hands_and_not_like_a_machine():
    quarter = 60_000_000 / 78
    off_grid = [abs((on / (quarter / 4) + 0.5) % 1 - 0.5) * quarter / 4 for on, _, _ in notes(demo_script())]
    exact = sum(distance < 500 for distance in off_grid)
    assert exact < len(off_grid) / 10
    assert max(off_grid) < 60_000


def test_every_section_is_eight_bars_of_chords_that_can_be_read():
    for section in FORM:
        assert len(section.chords) == len(section.tune) == 8
        assert all(parse_chord(symbol) for bar in section.chords for symbol in bar.split())


def test_every_velocity_is_one_a_hand_can_play():
    script = demo_script()
    velocities = [
        s.event.data[2] for s in script.inputs if isinstance(s.event, MidiReceived) and s.event.data[0] == 0x90
    ]
    assert min(velocities) > 20
    assert 80 < max(velocities) < 125
