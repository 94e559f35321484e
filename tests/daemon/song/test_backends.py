"""Large models as composers: what they give is used, what they do not is ours, and it is told."""

from pathlib import Path

import pytest

from daemon.models.child import ModelGone
from daemon.models.melody_text import MelodyNote
from daemon.models.musiclang import Parts
from daemon.song import backends, make
from daemon.song.backends import Backend
from daemon.song.make import Studio, usual_shelf
from daemon.song.request import SongRequest
from realtime.core.chord import parse_chord


class Fake:
    """Both models in one."""

    def __init__(self, trouble=None):
        self.trouble, self.closed = trouble, False

    def melody(self, order, **_):
        if self.trouble:
            raise self.trouble
        return [MelodyNote(60 + beat % 5, 4 * beat, 4) for beat in range(len(order.bars) * order.beats_per_bar)]

    def chords(self, count, **_):
        if self.trouble:
            raise self.trouble
        return Parts(tuple(parse_chord(name) for name in ("G", "C", "D7", "G")), (4.0,) * 4, ())

    def close(self):
        self.closed = True


@pytest.fixture
def backend(monkeypatch):
    def put(made):
        monkeypatch.setattr(make, "backend_named", lambda name, models: made)
        return Studio(usual_shelf()).make(SongRequest(seed=1, bars=8, backend=made.name, synthesize_audio=False))

    return put


def test_qwen_s_melody_is_played_over_our_chords(backend):
    model = Fake()
    piece = backend(Backend("qwen", qwen=model))
    assert len(piece.melody.notes) == 32
    assert model.closed
    assert not piece.notes


def test_musiclang_s_chords_are_played_in_their_own_key(backend):
    piece = backend(Backend("musiclang", musiclang=Fake()))
    assert piece.harmony.key.name == "G major"
    assert [change.chord.name() for change in piece.harmony.changes][:3] == ["G", "C", "D7"]
    assert piece.harmony.bars == 8


@pytest.mark.parametrize("name", ["qwen", "musiclang"])
def test_a_model_that_fails_is_told_and_ours_does_its_work(backend, name):
    model = Fake(ModelGone("it fell over"))
    piece = backend(Backend(name, **{name: model}))
    assert piece.melody.notes
    assert "it fell over" in piece.notes[0]
    assert model.closed


def test_who_is_not_there_is_told(monkeypatch):
    monkeypatch.setattr(backends, "find_musiclang", lambda _: backends.find_qwen("/nowhere"))
    assert [each["available"] for each in backends.backends() if each["name"] != "qwen"] == [True, False]
    found = backends.backend_named("musiclang")
    assert (found.name, bool(found.remarks)) == ("embedded", True)
    assert not Path("/nowhere").exists()
