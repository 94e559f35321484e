"""Charts out of MIDI files: what is written in them, what is played in them, and what is neither."""

import io

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.chart_file import open_chart, read_chart
from daemon.chart_from_midi import find_chart
from daemon.chart_symbols import is_symbol, symbol
from daemon.cli import main
from daemon.config import ConfigError
from daemon.midi_file import MidiFileError
from realtime.core.chart import parse_chart, written
from realtime.core.chord import parse_chord
from realtime.core.meter import Meter

TEXT = "[Verse] | C | Am7 D7 | G7 | % |\n[Chorus] | F | G/B C | Dm7 G7 | C |\n"


def as_midi(chart, *, played=True, kind="", tempi=(500_000,), lead=0, meter="4/4", names=()):
    """A chart as a MIDI file: played in root position (bass below), and its symbols as texts of `kind`."""
    file = mido.MidiFile(type=1, ticks_per_beat=480)
    numerator, denominator = map(int, meter.split("/"))
    events = [(0, 0, mido.MetaMessage("time_signature", numerator=numerator, denominator=denominator))]
    events += [(bar * 1920, 0, mido.MetaMessage("set_tempo", tempo=tempo)) for bar, tempo in enumerate(tempi)]
    events += [(480 * lead + 480 * 4 * bar, 1, mido.MetaMessage("marker", text=name)) for bar, name in names]
    before = "nothing yet"
    for beat, chord in enumerate(chart.beats):
        at = (beat + lead) * 480
        if kind and chord != before:
            events.append((at, 1, mido.MetaMessage(kind, text=chord.name() if chord else "N.C.")))
        before = chord
        if played and chord:
            for pitch in {36 + chord.bass, *(60 + tone for tone in chord.pitch_classes)}:
                events += [(at, 3, mido.Message("note_on", note=pitch, velocity=80))]
                events += [(at + 470, 2, mido.Message("note_off", note=pitch))]
    events.append(((len(chart.beats) + lead) * 480, 4, mido.MetaMessage("end_of_track")))
    track, now = mido.MidiTrack(), 0
    for at, _, message in sorted(events, key=lambda event: event[:2]):
        track.append(message.copy(time=at - now))
        now = at
    file.tracks.append(track)
    out = io.BytesIO()
    file.save(file=out)
    return out.getvalue()


def tokens(beats):
    return [chord and (chord.root, chord.family) for chord in beats]


@pytest.mark.parametrize("kind", ["text", "marker", "lyrics", "cue_marker"])
@pytest.mark.parametrize("played", [True, False])
def test_a_chart_written_into_a_midi_file_comes_out_as_it_went_in(kind, played):
    chart = parse_chart(TEXT, 4)
    found = find_chart(as_midi(chart, kind=kind, played=played))
    assert found.is_written
    assert found.chart.beats == chart.beats


def test_played_chords_come_out_as_they_were_written():
    chart = parse_chart(TEXT, 4)
    found = find_chart(as_midi(chart, tempi=(500_000, 400_000, 700_000, 450_000)))
    assert not found.is_written
    assert tokens(found.chart.beats) == tokens(chart.beats)


def test_the_metre_is_the_file_s():
    chart = parse_chart("| C | F | G7 | C |", 3)
    found = find_chart(as_midi(chart, meter="3/4"))
    assert (found.meter, found.chart.bars) == (Meter(3, 4), 4)
    assert tokens(found.chart.beats) == tokens(chart.beats)


def test_symbols_win_over_what_is_played():
    data = as_midi(parse_chart("| C | F |", 4), kind="marker")
    assert find_chart(data.replace(b"\x01F", b"\x01A")).chart.beats[4] == parse_chord("A")


def test_the_words_of_a_song_are_no_chords():
    chart = parse_chart("| C | F | G7 | C |", 4)
    file = mido.MidiFile(file=io.BytesIO(as_midi(chart)))
    words = mido.MidiTrack(
        mido.MetaMessage("lyrics", text=word, time=200) for word in ("A", "B", "C", "is", "all", "I", "know", "D")
    )
    file.tracks.append(words)
    out = io.BytesIO()
    file.save(file=out)
    assert not find_chart(out.getvalue()).is_written


def test_markers_name_the_sections():
    found = find_chart(as_midi(parse_chart(TEXT, 4), names=[(0, "Verse"), (4, "Chorus")]))
    assert found.chart.sections == ((0, "Verse"), (4, "Chorus"))


def test_a_silent_count_in_is_left_out_when_asked_for():
    data = as_midi(parse_chart("| C | F |", 4), lead=8)
    assert find_chart(data).chart.bars == 4
    assert tokens(find_chart(data, trim=True).chart.beats) == tokens(parse_chart("| C | F |", 4).beats)


@pytest.mark.parametrize(
    ("text", "name"),
    [("Am7", "Am7"), ("[F#m7]", "Gbm7"), ("Bb△"[:2], "Bb"), ("CΔ7", "Cmaj7"), ("C(add9)", "Cadd9"),
     ("C7alt", "C7"), ("Dm7add11", "Dm7"), ("G13#11", "G13"), ("E♭maj7/B♭", "Ebmaj7/Bb"), ("Ddim", "Ddim")],
)  # fmt: skip
def test_symbols_are_read_as_files_write_them(text, name):
    assert symbol(text).name() == name


@pytest.mark.parametrize(
    "text", ["", "Bridge", "Amen", "Chorus", "Hello", "A love song", "Dadada", "m7", "Fine", "E."[1:]]
)
def test_words_are_no_symbols(text):
    assert not is_symbol(text)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "MThd"),
        (b"MThd", "broken"),
        (b"MThd\0\0\0\6\0\1\0\1\1\xe0MTrk\0\0\0\4\0\xff\x2f\0", "no chords"),
        (bytes(range(256)), "MThd"),
    ],
)
def test_what_has_no_chart_is_refused_with_the_file_s_name(tmp_path, content, why, capsys):
    file = tmp_path / "song.mid"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=rf"song\.mid: .*{why}"):
        read_chart(file, Meter())
    assert main(["run", "--chart", str(file)]) == 2
    assert "song.mid" in capsys.readouterr().err


def test_drums_alone_have_no_chords():
    with pytest.raises(MidiFileError, match="no chords"):
        find_chart(as_midi(parse_chart("| C | F |", 4)).replace(b"\x90", b"\x99").replace(b"\x80", b"\x89"))


def test_a_chart_in_another_metre_than_the_music_is_refused(tmp_path):
    file = tmp_path / "waltz.mid"
    file.write_bytes(as_midi(parse_chart("| C | F |", 3), meter="3/4"))
    with pytest.raises(ConfigError, match="is in 3/4, but the music is in 4/4"):
        open_chart(file).action(Meter())


def test_a_song_without_an_end_is_refused():
    chart = parse_chart("| C |", 4)
    file = mido.MidiFile(file=io.BytesIO(as_midi(chart)))
    file.tracks[0].insert(-1, mido.Message("note_on", note=60, velocity=1, time=480 * 4 * 2000))
    out = io.BytesIO()
    file.save(file=out)
    with pytest.raises(MidiFileError, match="at most 1024"):
        find_chart(out.getvalue())


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 400))
def test_whatever_the_bytes_there_is_a_chart_or_a_reason(noise, place):
    data = as_midi(parse_chart("| C | F |", 4), kind="lyrics")
    spoilt = data[:place] + noise + data[place + len(noise) :]
    try:
        found = find_chart(spoilt)
    except MidiFileError as problem:
        assert str(problem)
    else:
        assert parse_chart(written(found.chart), found.meter.beats_per_bar).beats == found.chart.beats


def test_a_performance_takes_its_own_recording_as_a_chart(tmp_path):
    main(["demo", "--fast", "-o", str(tmp_path / "demo")])
    played = str(tmp_path / "demo" / "performance.mid")
    assert main(["perform", played, "--fast", "--chart", played, "-o", str(tmp_path / "take")]) == 0
    assert main(["replay", str(tmp_path / "take"), "--verify"]) == 0
