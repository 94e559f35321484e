"""A SoundFont in the live band: what plays, what is said, and what happens where it cannot be read."""

from dataclasses import replace

import pytest

from daemon.config import Config
from daemon.part_presets import find_presets
from daemon.sound import engine_problem, open_engine
from realtime.edges.clock import SystemClock
from tests.daemon.banks import little_bank

needs_engine = pytest.mark.skipif(bool(engine_problem()), reason="the sound engine is not built")

PRESETS = [(0, 0, "Grand"), (0, 4, "Rhodes EP"), (0, 5, "Rhodes"), (8, 4, "Chorused"), (128, 0, "Standard")]


def opened_with(path, tmp_path, presets=()):
    config = Config()
    audio = replace(config.audio, device="null", soundfont=str(path), presets=presets)
    opened = open_engine(replace(config, audio=audio), SystemClock(), tmp_path)
    if opened.sink is not None:
        opened.sink.close()
    return opened


@needs_engine
def test_the_name_of_the_sound_says_which_soundfont_plays(tmp_path):
    path = tmp_path / "little.sf2"
    path.write_bytes(little_bank())
    opened = opened_with(path, tmp_path, ("bass=0", "keys=sine", "solo=99"))
    assert opened.name.endswith(", little.sf2")
    assert opened.troubles == ("audio.presets: 'solo=99': the SoundFont has no such preset; solo plays as it would",)


@needs_engine
@pytest.mark.parametrize("content", [None, b"", b"RIFF\xff\xff\xff\x7fsfbk", b"no SoundFont"])
def test_a_soundfont_that_cannot_be_read_is_one_line_and_own_instruments(content, tmp_path):
    path = tmp_path / "broken.sf2"
    if content is not None:
        path.write_bytes(content)
    opened = opened_with(path, tmp_path)
    assert opened.sink is not None
    assert opened.name.endswith(", own instruments")
    (trouble,) = opened.troubles
    assert trouble.startswith("audio.soundfont: ")
    assert trouble.endswith("; the built-in instruments play")
    assert "\n" not in trouble


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("keys=4", (0, 4)),
        ("keys = rhodes", (0, 5)),
        ("keys=8:4", (8, 4)),
        ("drums=0", (128, 0)),
        ("drums=Standard", (128, 0)),
        ("keys=9", None),
        ("keys=", None),
        ("keys", None),
        ("keys=²", None),
    ],
)
def test_a_preset_is_found_by_number_or_by_name(word, found):
    chosen, troubles = find_presets([word], PRESETS)
    assert list(chosen.values()) == ([] if found is None else [found])
    assert len(troubles) == (found is None)


def test_a_part_that_there_is_not_is_said():
    assert "there is no part 'choir'" in find_presets(["choir=1"], PRESETS)[1][0]
