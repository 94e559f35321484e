"""Key figures: what was promised for a beat against what was heard on it."""

from daemon.session_format import OutputLine
from daemon.summary import Agreement, root_of, summarise
from realtime.core.events import Beat, ChordForeseen, ChordHeard, KeyHeard, NoteOn, TransportChanged


def lines(*events):
    return [OutputLine(at, at // 500 * 960 // 1000, event) for at, event in events]


STOPPED = TransportChanged(False, 120.0, "4/4")


def beat(number):
    return number * 500_000, Beat(number, number // 4 + 1, number % 4 + 1, 120.0)


def promise(number, chord, away=1, *, committed=True):
    return (number - away) * 500_000, ChordForeseen(chord, 0.9, away, number, committed)


def test_a_promise_is_kept_when_the_same_chord_is_heard():
    told = lines(beat(0), promise(1, "C"), beat(1), (920_000, ChordHeard("C", 1.0, 1)))
    assert summarise(told).foreseen == Agreement(1, 1, 1)
    ended = lines(beat(0), promise(1, "C"), beat(1), (920_000, ChordHeard("C", 1.0, 1)), (10**6, STOPPED))
    assert summarise(ended).foreseen == Agreement(1, 1, 1)


def test_a_chord_belongs_to_the_beat_it_is_told_of_and_the_last_word_counts():
    told = lines(
        beat(0),
        promise(1, "C"),
        beat(1),
        promise(2, "G"),
        (700_000, ChordHeard("C", 1.0, 1)),
        (920_000, ChordHeard("Am", 1.0, 1)),
        (990_000, ChordHeard("G7", 1.0, 2)),  # played early
        beat(2),
    )
    assert summarise(told).foreseen == Agreement(beats=2, same_root=1, same_chord=0)


def test_what_was_said_on_the_beat_itself_or_only_tentatively_is_no_promise():
    told = lines(
        beat(0), promise(1, "C", 0), promise(1, "C", committed=False), beat(1), (500_001, ChordHeard("C", 1.0, 1))
    )
    assert summarise(told).foreseen == Agreement()


def test_silence_is_not_judged():
    told = lines(beat(0), promise(1, "C"), beat(1), (600_000, ChordHeard("N", 1.0)))
    assert summarise(told).foreseen.beats == 0


def test_bars_notes_and_length_are_counted():
    told = lines(
        (0, TransportChanged(True, 120.0, "4/4")),
        *(beat(n) for n in range(5)),
        (2_100_000, NoteOn("bass", 1, 40, 80)),
        (2_200_000, KeyHeard("C major", 0.9)),
    )
    summary = summarise(told)
    assert (summary.bars, summary.beats, summary.notes, summary.key) == (2, 5, {"bass": 1}, "C major")
    assert (summary.seconds, summary.tempo_bpm, summary.meter) == (2.2, 120.0, "4/4")


def test_nothing_sums_up_to_nothing():
    assert summarise([]).bars == 0


def test_roots_are_pitch_classes_however_they_are_spelt():
    assert root_of("C#m7") == root_of("Db") == 1
    assert root_of("N") is None
    assert root_of("what") is None
