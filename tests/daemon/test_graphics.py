"""The graphics processor: when it is asked, what is said of it, and that a missing one costs nothing but itself."""

import pytest

from daemon import graphics
from daemon.graphics import WORTH_ASKING, Graphics, choose_device, look
from daemon.sound import engine_problem
from realtime.edges import engine
from realtime.edges.soundfont import GpuUnavailable

needs_engine = pytest.mark.skipif(bool(engine_problem()), reason="the sound engine is not built")
FAST = Graphics("", "A card", "Vulkan", False, 90.0, 0.02, 1.0, True)
SLOW = Graphics("", "llvmpipe", "Vulkan", True, 300.0, 80.0, 1.0, False)


def test_who_names_a_device_gets_it_and_a_short_piece_asks_nobody(monkeypatch):
    monkeypatch.setattr(graphics, "look", lambda: pytest.fail("asked"))
    assert [choose_device(wanted, 1 << 20) for wanted in ("cpu", "gpu")] == ["cpu", "gpu"]
    assert choose_device("auto", WORTH_ASKING - 1) == "cpu"


@pytest.mark.parametrize(("seen", "chosen"), [(FAST, "gpu"), (SLOW, "cpu"), (Graphics("no GPU was found"), "cpu")])
def test_a_long_piece_goes_where_it_is_faster(monkeypatch, seen, chosen):
    monkeypatch.setattr(graphics, "look", lambda: seen)
    assert choose_device("auto", WORTH_ASKING) == chosen


def test_what_is_said_of_a_gpu_is_one_line():
    assert FAST.text() == (
        "A card (Vulkan), round trip 90 µs, 0.02 ns a voice-frame beside 1.00 on one core; auto takes the gpu"
    )
    assert "a program on the CPU" in SLOW.text()
    assert Graphics("no GPU was found").text() == "no GPU was found"


@needs_engine
def test_looking_for_a_gpu_never_raises():
    assert "\n" not in look().text()


def test_a_gpu_that_fails_is_told_apart_from_an_engine_that_is_missing():
    assert not issubclass(GpuUnavailable, engine.EngineUnavailable)
