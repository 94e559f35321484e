"""Charts: written down, read, and followed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.chart import BadChart, Chart, parse_chart, written
from realtime.core.chart_follower import ChartFollower
from realtime.core.chord import QUALITIES, Chord, parse_chord


def read(text, beats_per_bar=4):
    return " ".join("N" if chord is None else chord.name() for chord in parse_chart(text, beats_per_bar).beats)


@pytest.mark.parametrize(
    ("text", "beats"),
    [
        ("| C |", "C C C C"),
        ("C | G7", "C C C C G7 G7 G7 G7"),
        ("| Am7 D7 |", "Am7 Am7 D7 D7"),
        ("| C F G |", "C C F G"),
        ("| C / / G7 |", "C C C G7"),
        ("| C | % |", "C C C C C C C C"),
        ("| C N.C. |", "C C N N"),
        ("|: C :| G |", "C C C C C C C C G G G G"),
        ("# a title\n[A] | F |\n[B] | Bb ||", "F F F F Bb Bb Bb Bb"),
    ],
)
def test_a_chart_is_read_as_musicians_write_it(text, beats):
    assert read(text) == beats


def test_sections_stand_where_they_were_written():
    chart = parse_chart("[A] |: C | F :| [B] | G |", 4)
    assert chart.sections == ((0, "A"), (4, "B"))
    assert chart.bars == 5


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("", "as '| C"), ("| % |", "the first"), ("| C D E F G |", "5 chords"), ("\n| Hm |", "line 2")],
)
def test_what_cannot_be_read_is_refused_with_its_place(text, complaint):
    with pytest.raises(BadChart, match=complaint.replace("|", r"\|")):
        parse_chart(text, 4)


@given(st.text(alphabet=st.sampled_from("|:]%[ABCm7/b# \nN."), max_size=200), st.integers(1, 7))
def test_any_text_is_a_chart_or_is_refused(text, beats_per_bar):
    try:
        chart = parse_chart(text, beats_per_bar)
    except BadChart:
        return
    assert len(chart.beats) == chart.bars * beats_per_bar
    assert any(chart.beats)


SONG = "| C | Am | F | G | Em | A7 | Dm | G7 |"


def follow(played, chart=SONG, probability=0.2):
    follower = ChartFollower(parse_chart(chart, 4))
    for number, symbol in enumerate(played):
        follower.observe(number, parse_chord(symbol), probability)
    return follower


def beats(text):
    return read(text).split()


def test_a_chart_that_is_played_is_believed():
    assert follow(beats(SONG)).trust > 0.95


def test_another_song_than_the_chart_is_not_believed():
    assert follow(beats("| Eb | Ab | Db | B |") * 2).trust < 0.1


def test_a_player_who_jumps_is_found_again():
    follower = follow(beats(SONG) + beats("| Em | A7 | Dm | G7 | C | Am |"))
    assert follower.expect(56).name() == "F"
    assert follower.trust > 0.8


def test_silence_says_nothing_about_the_chart():
    follower = follow([])
    follower.observe(0, None, 0.5)
    assert follower.trust == ChartFollower(follower.chart).trust


def charts():
    chords = st.one_of(
        st.none(),
        st.builds(Chord, st.integers(0, 11), st.sampled_from(sorted(QUALITIES)), st.integers(0, 11)),
    )
    few = st.lists(chords, min_size=1, max_size=4)

    @st.composite
    def make(draw):
        per_bar, bars, palette = draw(st.integers(1, 7)), draw(st.integers(1, 12)), draw(few)
        beats = draw(st.lists(st.sampled_from(palette), min_size=per_bar * bars, max_size=per_bar * bars))
        names = draw(st.dictionaries(st.integers(0, bars - 1), st.sampled_from(["A", "Verse 2", ""]), max_size=3))
        return Chart(tuple(beats), per_bar, tuple(sorted(names.items())))

    return make().filter(lambda chart: any(chart.beats))


@given(charts())
def test_a_chart_that_is_written_down_is_read_as_the_same(chart):
    assert parse_chart(written(chart), chart.beats_per_bar) == chart


@given(st.text(max_size=40))
def test_a_section_may_be_called_anything_at_all(name):
    chart = Chart((parse_chord("C"),) * 8, 4, ((1, name),))
    read_again = parse_chart(written(chart), 4)
    assert read_again.beats == chart.beats
    assert len(read_again.sections) == 1
