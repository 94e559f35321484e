"""The phrase model in numpy: reading on is reading all at once, and its numbers are those of mlx-lm."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.models.phrase_folder import miditok_config
from daemon.models.phrase_net import PhraseNet, Thread
from daemon.models.phrase_weights import read_phrase_model, shipped_folder
from realtime.core.phrase_words import STEPS, WORDS, PhraseWriter, prefix, read_notes
from tests.daemon.models.phrase_models import write_model

IDS = [1, 3, 13, 320, 30, 150, 60, 95, 151, 62, 96, 157, 64, 99, 30, 150]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_model(tmp_path_factory.mktemp("model"))


@given(cut=st.integers(1, len(IDS) - 1), again=st.integers(0, 4))
@settings(max_examples=15)
def test_reading_on_is_reading_all_at_once(folder, cut, again):
    net = PhraseNet(read_phrase_model(folder))
    whole = net.read(IDS, Thread())
    thread = Thread()
    at_once = min(len(IDS), cut + again)
    parts = [net.read(IDS[:cut], thread)]
    parts += [net.read([word], thread) for word in IDS[cut:at_once]]
    if at_once < len(IDS):
        parts.append(net.read(IDS[at_once:], thread))
    assert np.abs(np.concatenate(parts) - whole).max() < 1e-4


def test_what_comes_later_changes_nothing_before(folder):
    net = PhraseNet(read_phrase_model(folder))
    one, other = net.read(IDS, Thread()), net.read([*IDS[:8], *IDS[:8]], Thread())
    assert np.abs(one[:8] - other[:8]).max() < 1e-5


def test_the_numbers_are_those_of_mlx_lm(folder):
    mx = pytest.importorskip("mlx.core", reason="mlx is not installed (pip install 'sideman[train]')")
    mlx_lm = pytest.importorskip("mlx_lm", reason="mlx-lm is not installed (pip install 'sideman[train]')")
    model, tokenizer = mlx_lm.load(str(folder))
    theirs = np.array(model(mx.array([IDS]))[0].astype(mx.float32))
    ours = PhraseNet(read_phrase_model(folder)).read(IDS, Thread())
    assert np.abs(ours - theirs).max() < 1e-3
    assert tokenizer.encode(" ".join(WORDS[word] for word in IDS)) == IDS


def test_mlx_lm_reads_the_model_that_ships():
    pytest.importorskip("mlx", reason="mlx is not installed (pip install 'sideman[train]')")
    mlx_lm = pytest.importorskip("mlx_lm", reason="mlx-lm is not installed (pip install 'sideman[train]')")
    model, tokenizer = mlx_lm.load(str(shipped_folder()))
    text = " ".join(WORDS[word] for word in prefix("pop", 4, triple=False)) + " Bar_None"
    told = mlx_lm.generate(model, tokenizer, text, max_tokens=24)
    assert len(tokenizer.encode(told)) >= 20


def test_miditok_has_the_same_words_in_the_same_order():
    from miditok import REMI, TokenizerConfig  # noqa: PLC0415

    vocabulary = REMI(TokenizerConfig(**miditok_config())).vocab
    assert sorted(vocabulary, key=vocabulary.__getitem__) == list(WORDS)


def test_miditok_reads_a_line_as_we_do():
    from miditok import REMI, TokenizerConfig, TokSequence  # noqa: PLC0415

    tokenizer = REMI(TokenizerConfig(**miditok_config()))
    rng = np.random.default_rng(5)
    for _ in range(40):
        quarters = int(rng.integers(2, 8))
        writer, ids = PhraseWriter(quarters), prefix("any", quarters, triple=False)
        for _ in range(int(rng.integers(1, 9))):
            ids += writer.bar(quarters)
            for position in sorted(rng.choice(quarters * STEPS, size=4, replace=False)):
                ids += writer.onset(int(position), int(rng.integers(0, 84)))
                ids += writer.note(int(rng.integers(40, 90)), int(rng.integers(1, 48)))
        score = tokenizer.decode([TokSequence(tokens=[WORDS[word] for word in ids])])
        step = score.ticks_per_quarter // STEPS
        heard = sorted((note.time // step, note.pitch, note.duration // step) for t in score.tracks for note in t.notes)
        assert heard == sorted((note.onset, note.pitch, note.duration) for note in read_notes(ids))
