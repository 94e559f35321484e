"""Whole pieces: the laws that each keeps, whatever is asked."""

import io
import json

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.evaluation.song_measures import ends_at_home, is_valid, mark
from daemon.song import generate
from daemon.song.genre import GENRES, MODES, genre_of
from daemon.song.make import Studio, usual_shelf
from daemon.song.phrases import degree_chord
from daemon.song.request import METERS, SongRequest
from realtime.core.chart import parse_chart
from realtime.core.chord import parse_chord

STUDIO = Studio(usual_shelf())


def make(**fields):
    return STUDIO.make(SongRequest(**{"seed": 1, "synthesize_audio": False, **fields}))


requests = st.builds(
    make,
    genre=st.sampled_from(GENRES),
    key=st.sampled_from(["C", "F#", "Eb minor", "G# minor", "D dorian", "Bb lydian", "A mixolydian", "E phrygian"]),
    bars=st.integers(1, 24),
    complexity=st.integers(1, 10),
    meter=st.sampled_from([None, *METERS]),
    form=st.sampled_from([None, "aaba", "loop", "blues", "hymn", "verse_chorus", "ABAC"]),
    seed=st.integers(0, 2**53 - 1),
    include_band=st.booleans(),
    include_chords=st.booleans(),
)


@settings(max_examples=25, deadline=None)
@given(requests)
def test_every_piece_is_whole_valid_and_within_its_bars(piece):
    harmony = piece.harmony
    assert sum(change.beats for change in harmony.changes) == harmony.bars * harmony.beats_per_bar
    assert is_valid(piece)
    assert harmony.changes[-1].chord.root == harmony.key.tonic
    assert piece.melody.notes[-1].pitch % 12 == harmony.key.tonic
    assert piece.melody.range[1] - piece.melody.range[0] <= 19
    assert all(0 <= n.start < piece.score.end_tick and n.start < n.end for n in piece.score.notes)
    assert parse_chart(piece.chart, harmony.beats_per_bar).beats == harmony.beats


@settings(max_examples=12, deadline=None)
@given(st.sampled_from(GENRES), st.sampled_from(MODES), st.integers(0, 10**6), st.integers(1, 10))
def test_every_genre_comes_home_by_a_cadence_of_its_own_in_every_mode(genre, mode, seed, complexity):
    bars = 12 if genre == "blues" else 16
    assert ends_at_home(make(genre=genre, key=f"G {mode}", bars=bars, seed=seed, complexity=complexity))


@pytest.mark.parametrize("genre", GENRES)
def test_the_words_of_every_grammar_are_chords(genre):
    for grammar in genre_of(genre).grammars.values():
        lines = [line for kind in grammar.phrases.values() for line in kind]
        lines += [line for kind in grammar.whole.values() for line in kind]
        words = [word for line in lines for word in line.replace(",", " ").split() if word != "|" and word[0] != "@"]
        assert words
        for word in words:
            degree_chord(word)
        for bars, whole in grammar.whole.items():
            assert all(line.count("|") == bars - 1 for line in whole)
        for kind in ("open", "close", "bridge", "loop"):
            assert all(line.count("|") == 3 for line in grammar.phrases[kind]), kind


def test_the_same_seed_makes_the_same_piece_and_another_one_another():
    one, again, other = (make(genre="gospel", bars=16, seed=seed) for seed in (5, 5, 6))
    assert one.score == again.score
    assert one.chart != other.chart or one.melody != other.melody


def test_complexity_makes_chords_richer_and_the_band_busier():
    def means(level):
        pieces = [make(genre=genre, bars=16, complexity=level) for genre in GENRES]
        marks = [mark(piece) for piece in pieces]
        notes = sum(len(piece.score.notes) for piece in pieces)
        return [sum(m.chord_size for m in marks), sum(m.changes_per_bar for m in marks), notes]

    low, middle, high = means(1), means(5), means(10)
    assert all(a < b < c for a, b, c in zip(low, middle, high, strict=True))


def test_a_section_that_comes_back_has_its_chords_and_its_melody_again():
    piece = make(genre="jazz", bars=32, form="aaba")
    per_bar, ticks = 4, piece.style.meter.bar_ticks
    assert piece.harmony.beats[: 4 * per_bar] == piece.harmony.beats[8 * per_bar : 12 * per_bar]
    first = [(n.start, n.pitch) for n in piece.melody.notes if n.start < 4 * ticks]
    again = [(n.start - 8 * ticks, n.pitch) for n in piece.melody.notes if 8 * ticks <= n.start < 12 * ticks]
    assert first == again


@pytest.mark.parametrize(
    ("chords", "key", "meant"),
    [
        ("C Am F G", "C", "C Am F G"),
        ("I vi IV V", "Eb", "Eb Cm Ab Bb"),
        ("i VI III VII", "A minor", "Am F C G"),
        ("ii7 V7/V V7 Imaj7", "F", "Gm7 G7 C7 Fmaj7"),
    ],
)
def test_chords_of_one_s_own_are_played_as_they_are(chords, key, meant):
    piece = make(chords=chords, key=key)
    assert [change.chord for change in piece.harmony.changes] == [parse_chord(name) for name in meant.split()]
    assert piece.harmony.bars == 4


def test_who_is_not_asked_does_not_play():
    assert make(include_band=False).score.parts == ("solo", "player")
    assert make(include_band=False, include_chords=False).score.parts == ("solo",)
    assert "keys" not in make(include_chords=False).score.parts
    assert "solo" not in make(include_melody=False).score.parts
    assert "drums" not in make(genre="classical").score.parts


def test_a_backend_that_is_not_there_is_told_and_replaced():
    piece = make(backend="musiclang")
    assert piece.notes
    assert "musiclang" in piece.notes[0]
    assert piece.score.notes


def test_a_piece_is_files_and_a_description(tmp_path):
    piece = generate({"genre": "bossa", "bars": 4, "seed": 2, "audio_format": "flac"}, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(piece.files.values())
    told = json.loads((tmp_path / "song.json").read_text())
    assert told["chords"][0]["voicing"]
    assert told["tokens"] > 50
    file = mido.MidiFile(file=io.BytesIO((tmp_path / "song.mid").read_bytes()))
    assert [track.name for track in file.tracks][1:] == ["melody", "keys", "pad", "bass", "drums"]
    assert (tmp_path / "song.flac").read_bytes()[:4] == b"fLaC"
