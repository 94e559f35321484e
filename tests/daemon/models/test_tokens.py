"""Tokens: encoding bar by bar is encoding the whole."""

import functools

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.models.bars import GRID_TICKS, MAX_DURATION_TICKS, BarNote, ClosedBar
from daemon.models.tokens import TIME_SIGNATURES, BarTokens

fresh = functools.cache(BarTokens)  # making a tokenizer takes a while; what it remembers is the last tempo only


def tokenizer():
    tokens = fresh()
    tokens._tempo = ""
    return tokens


def notes_in(length):
    note = st.builds(
        BarNote,
        st.integers(0, length // GRID_TICKS - 1).map(GRID_TICKS.__mul__),
        st.integers(24, 100),
        st.integers(1, MAX_DURATION_TICKS),
        st.integers(1, 127),
        st.sampled_from(["player", "drums", "bass", "keys", "pad", "solo"]),
    )
    return st.lists(note, max_size=10, unique_by=lambda n: (n.onset, n.pitch, n.part)).map(sorted)


@st.composite
def pieces(draw):
    meters = st.sampled_from([(n, d) for d, ns in TIME_SIGNATURES.items() for n in ns])
    one_meter = draw(st.booleans())
    meter, tempo = draw(meters), draw(st.floats(20, 400))
    bars = []
    for number in range(1, draw(st.integers(1, 6)) + 1):
        if not one_meter:
            meter = draw(meters)
            tempo = draw(st.floats(20, 400) | st.just(tempo))
        notes = draw(notes_in(3840 * meter[0] // meter[1]))
        bars.append(ClosedBar(number, *meter, tempo, notes))
    return bars


def plain(tokens):
    """Tokens without tempo that only repeats itself, and without positions at which nothing is said."""
    kept, tempo = [], ""
    for token in tokens:
        if token.startswith("Tempo_"):
            if token == tempo:
                continue
            tempo = token
        kept.append(token)
    return [
        token
        for token, after in zip(kept, [*kept[1:], "Bar_None"], strict=True)
        if not (token.startswith("Position_") and after.startswith(("Position_", "Bar_")))
    ]


@settings(max_examples=60)
@given(pieces())
def test_encoding_bar_by_bar_is_encoding_the_whole(bars):
    tokens = tokenizer()
    by_bar = [token for bar in bars for token in tokens.encode(bar).tokens]
    assert by_bar == plain(tokens.encode_whole(bars))


def test_a_silent_bar_is_a_bar():
    tokens = tokenizer()
    assert tokens.encode(ClosedBar(1, 3, 4, 96.0, [])).tokens[:2] == ["Bar_None", "TimeSig_3/4"]
    assert tokens.encode(ClosedBar(2, 3, 4, 96.0, [])).tokens == ["Bar_None", "TimeSig_3/4"]


def test_a_note_becomes_its_program_pitch_velocity_and_duration():
    tokens = tokenizer()
    encoded = tokens.encode(ClosedBar(1, 4, 4, 96.0, [BarNote(960, 40, 960, 90, "bass")]))
    assert encoded.tokens[-5:] == ["Position_8", "Program_33", "Pitch_40", encoded.tokens[-2], "Duration_1.0.8"]
    assert len(encoded.ids) == len(encoded.tokens)


def test_the_fingerprint_is_the_vocabularys():
    assert BarTokens().fingerprint == tokenizer().fingerprint
