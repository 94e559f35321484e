"""Whatever a model says, what is drawn from it is in the plan, on the grid and in order."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.core.chord import parse_chord
from realtime.core.chord_tokens import token_of
from realtime.core.phrase_events import PhraseWanted
from realtime.core.phrase_model.improviser import Improviser
from realtime.core.phrase_model.prompt import first_bar, prompt_of
from realtime.core.phrase_model.sampler import Sampler
from realtime.core.phrase_words import BAR, BOS, WORDS, LineNote, read_notes
from tests.core.phrase_model.kernels import OddKernel

C_MAJOR = sum(1 << pitch_class for pitch_class in (0, 2, 4, 5, 7, 9, 11))
C_STRONG = C_MAJOR & ~(1 << 5)
C_CHORD = sum(1 << pitch_class for pitch_class in (0, 4, 7))
C = token_of(parse_chord("C"))

WANTED = PhraseWanted(
    number=1, role="answer", genre="pop", quarters=4, triple=False, shift=0,
    heard=(0, 12, 60, 12, 6, 64, 18, 6, 67), chords=(0, C), start=48, end=96, beat=12, unit=6, low=60, high=84,
    harmony=(C_MAJOR | C_STRONG << 12 | C_CHORD << 24,) * 4, rhythm=("xx", "x-"), steps=(2, 2), seed=5,
)  # fmt: skip


@st.composite
def requests(draw):
    beat, unit = draw(st.sampled_from([(12, 6), (12, 4), (12, 3), (18, 6), (6, 6)]))
    quarters, beats, first = draw(st.integers(2, 8)), draw(st.integers(1, 9)), draw(st.integers(0, 40))
    low = draw(st.integers(30, 80))
    line = sorted(draw(st.sets(st.integers(0, first * beat), max_size=12)))
    heard = tuple(number for onset in line for number in (onset, draw(st.sampled_from([3, 6, 12, 48])), 70))
    chords = tuple(
        n for step in sorted(draw(st.sets(st.integers(0, 500), max_size=6))) for n in (step, 7 * (step % 12))
    )
    return replace(
        WANTED, quarters=quarters, beat=beat, unit=unit, start=first * beat, end=(first + beats) * beat,
        low=low, high=low + draw(st.integers(0, 30)), heard=heard, chords=chords, shift=draw(st.integers(-6, 5)),
        harmony=WANTED.harmony[:1] * beats, prompt=draw(st.booleans()), seed=draw(st.integers(0, 2**52)),
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(requests(), st.integers(0, 99), st.booleans())
def test_any_model_s_notes_are_in_range_in_scale_on_the_grid_and_in_order(wanted, seed, broken):
    kernel = OddKernel(seed, broken=broken)
    prompt = prompt_of(wanted)
    kernel.attune(prompt.words)
    notes = Sampler(kernel, wanted, prompt).take(0).notes
    assert kernel.heard == prompt.words
    until = -1
    for note in notes:
        assert until <= note.onset < wanted.end - wanted.start
        assert (wanted.start + note.onset) % wanted.unit == 0 or (wanted.prompt and note.onset == 0)
        if any(C_MAJOR >> pitch % 12 & 1 for pitch in range(max(wanted.low, 36 - wanted.shift), wanted.high + 1)):
            mask = C_MAJOR if note.onset % wanted.beat else C_STRONG
            strong = [pitch for pitch in range(wanted.low, wanted.high + 1) if mask >> pitch % 12 & 1]
            assert not strong or note.pitch in strong or not 36 <= note.pitch + wanted.shift <= 96
        until = note.onset + note.duration
    if wanted.prompt and notes:
        assert notes[0].onset == 0


@settings(max_examples=60, deadline=None)
@given(requests(), st.integers(0, 99))
def test_what_is_said_is_grammar(wanted, seed):
    """A bar or a position, a chord or none, a pitch, a duration, and again."""
    kernel = OddKernel(seed)
    prompt = prompt_of(wanted)
    kernel.attune(prompt.words)
    notes = Sampler(kernel, wanted, prompt).take(0).notes
    kinds = [WORDS[word].split("_")[0] for word in kernel.said]
    follows = {
        "Bar": {"Bar", "Position"}, "Position": {"Chord", "Pitch"}, "Chord": {"Pitch"}, "Pitch": {"Duration"},
        "Duration": {"Bar", "Position"},
    }  # fmt: skip
    assert all(after in follows[kind] for kind, after in pairwise(kinds))
    assert kinds.count("Pitch") == len(notes)


@given(requests())
def test_the_prompt_tells_the_line_of_the_last_bars_and_no_more(wanted):
    words, length = prompt_of(wanted).words, wanted.quarters * 12
    first = first_bar(wanted.start // length) * length
    told = [replace(note, onset=note.onset + first, pitch=note.pitch - wanted.shift) for note in read_notes(words)]
    heard = [LineNote(*wanted.heard[at : at + 3][::2], wanted.heard[at + 1]) for at in range(0, len(wanted.heard), 3)]
    assert told == [note for note in heard if first <= note.onset < wanted.start]
    assert words[0] == BOS
    assert words.count(BAR) == wanted.start // length - first // length + 1


@settings(max_examples=20, deadline=None)
@given(requests(), requests(), st.integers(0, 99))
def test_the_same_request_has_the_same_answer_whatever_was_heard_before(wanted, other, seed):
    fresh, busy = Improviser(OddKernel(seed)), Improviser(OddKernel(seed))
    busy.listen(other)
    busy.answer(other)
    assert busy.answer(wanted) == fresh.answer(wanted)


def test_a_listener_hears_only_what_is_new():
    improviser = Improviser(OddKernel())
    listening = replace(WANTED, number=0, start=40, end=40)
    assert improviser.listen(listening) == len(prompt_of(listening).words)
    assert improviser.listen(listening) == 0
    more = replace(listening, heard=(*listening.heard, 24, 12, 65))
    assert improviser.listen(more) == 3  # position, pitch, duration


def test_the_critic_prefers_a_take_that_closes_on_the_chord():
    answers = [Improviser(OddKernel(seed)).answer(replace(WANTED, seed=seed)) for seed in range(40)]
    first = [Improviser(OddKernel(seed)).answer(replace(WANTED, seed=seed), lambda _: False) for seed in range(40)]

    def closes(found):
        return sum(bool(given.notes) and C_CHORD >> given.notes[-1] % 12 & 1 for given in found)

    assert closes(answers) > closes(first)


@given(st.integers(0, 99))
def test_a_take_that_states_the_motif_begins_with_it(seed):
    kernel, prompt = OddKernel(seed), prompt_of(WANTED)
    kernel.attune(prompt.words)
    notes = Sampler(kernel, WANTED, prompt).take(0).notes
    assert [note.onset for note in notes[:3]] == [0, 6, 12], "xx x-"
    assert all(1 <= after.pitch - before.pitch <= 4 for before, after in pairwise(notes[:3]) if before.pitch < 80)
