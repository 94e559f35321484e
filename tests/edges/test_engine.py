import array
import importlib
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import trio

from realtime.core.events import BAND_PARTS, NoteOff, NoteOn, Output, Stamped
from realtime.core.units import Micros
from realtime.edges import engine
from realtime.edges.clock import VirtualClock
from realtime.edges.engine import EnginePort, EngineUnavailable
from tests.fakes import run_in_virtual_time

PHRASE: list[Stamped[Output]] = [
    Stamped(Micros(100_000), NoteOn("bass", 1, 40, 100)),
    Stamped(Micros(600_000), NoteOff("bass", 1, 40)),
]


class FakeEngine:
    """Takes what it has room for, and remembers it."""

    room = 1_000

    def __init__(self, **options: object) -> None:
        self.sent = b""
        self.stopped = 0
        self.state, self.trouble = "playing", ""

    def statistics(self) -> dict[str, object]:
        counters = (
            "thrift",
            "thrifty",
            "xruns",
            "late",
            "voices",
            "callback_p50_micros",
            "callback_p99_micros",
            "callback_max_micros",
        )
        times = ("load_p50_percent", "load_p99_percent", "load_p999_percent", "load_max_percent", "jitter_p99_micros")
        device = {"state": self.state, "host": "jack", "name": "sideman", "rate": 48_000, "frames": 256}
        device |= {"trouble": self.trouble, "losses": 0, "measured_rate": 47_999.5}
        return {
            "running": True,
            "lost": self.state == "lost",
            "device": device,
            "peaks": {"bass": 0.5},
            "callback_histogram": [(80.0, 3), (160.0, 1)],
            "load_histogram": [(1.5, 3), (3.0, 1)],
            **dict.fromkeys(counters + times, 0),
        }

    def start(self, device: str, *, patient: bool, **_: object) -> dict[str, object]:
        if device == "nowhere" and not patient:
            raise OSError("no such device; there are: null, wav")
        if device == "nowhere":
            self.state, self.trouble = "lost", "no such device"
        return {"host": "null", "name": device, "rate": 48_000, "frames": 128}

    def send(self, events: bytes) -> int:
        taken = events[: 16 * self.room]
        self.sent += taken
        return len(taken) // 16

    def stop(self) -> None:
        self.stopped += 1


@pytest.fixture
def fake_dsp(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    names = [f"part/{part}/{knob}" for part in BAND_PARTS for knob in ("level", "mute")]
    module = SimpleNamespace(
        EVENT_SIZE=16,
        Engine=FakeEngine,
        parameters=lambda: [{"name": name, "id": number} for number, name in enumerate(names)],
        render=lambda events, **options: events,
    )
    monkeypatch.setitem(sys.modules, "realtime._dsp", module)
    return module


def test_without_the_extension_the_error_says_how_to_build_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "realtime._dsp", None)
    with pytest.raises(EngineUnavailable, match=r"maturin develop.*audio\.device=null"):
        engine.dsp()


def test_an_extension_of_another_version_is_refused(fake_dsp: SimpleNamespace) -> None:
    fake_dsp.EVENT_SIZE = 24
    with pytest.raises(EngineUnavailable, match="another version"):
        engine.dsp()


def test_it_starts_with_the_mix_and_ends_with_a_panic(fake_dsp: SimpleNamespace) -> None:
    async def main() -> None:
        port = EnginePort(VirtualClock())
        assert port.start("null").name == "null"
        port.send(PHRASE)
        port.close()
        port.close()
        fake = port._engine
        kinds = fake.sent[8::16]
        assert kinds == bytes([3] * 10 + [1, 0, 4])
        assert int.from_bytes(fake.sent[-16:-8], "little") == 0  # now: what was to come is forgotten
        assert fake.stopped == 1

    run_in_virtual_time(main)


def test_what_the_ring_has_no_room_for_is_counted(fake_dsp: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeEngine, "room", 1)

    async def main() -> None:
        port = EnginePort(VirtualClock())
        port.send(PHRASE)
        assert (port._sent, port._refused) == (1, 1)

    run_in_virtual_time(main)


def test_a_device_that_is_not_there_is_refused_plainly(fake_dsp: SimpleNamespace) -> None:
    async def main() -> None:
        port = EnginePort(VirtualClock())
        with pytest.raises(EngineUnavailable, match=r"'nowhere'.*no such device"):
            port.start("nowhere")
        port.close()

    run_in_virtual_time(main)


def test_a_device_that_may_come_later_is_waited_for_and_the_answer_says_so(fake_dsp: SimpleNamespace) -> None:
    async def main() -> None:
        port = EnginePort(VirtualClock())
        assert port.start("nowhere", patient=True).trouble == "no such device"
        assert port.report().lost
        port.close()

    run_in_virtual_time(main)


def test_a_device_that_goes_and_comes_back_is_told_once_each_time(
    fake_dsp: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "sideman.sound")

    async def main() -> None:
        port = EnginePort(VirtualClock())
        port.start("null")
        fake = port._engine
        async with trio.open_nursery() as nursery:
            nursery.start_soon(port.run)
            await trio.sleep(3)
            assert caplog.messages == []
            fake.state, fake.trouble = "lost", "the audio device is gone (jack:sideman 48000 Hz/256)"
            await trio.sleep(3)
            fake.state, fake.trouble = "playing", ""
            await trio.sleep(3)
            nursery.cancel_scope.cancel()
        gone, back = caplog.messages
        assert gone.startswith("the audio device is gone (jack:sideman 48000 Hz/256); the music goes on")
        assert back == "there is sound again: jack:sideman 48000 Hz/256"
        port.close()

    run_in_virtual_time(main)


def test_the_peaks_stay_for_who_asks_for_statistics_whoever_else_looks(fake_dsp: SimpleNamespace) -> None:
    async def main() -> None:
        port = EnginePort(VirtualClock())
        port.start("null")
        assert port.report().load_histogram == ((1.5, 3), (3.0, 1))
        port._engine.statistics = lambda: FakeEngine().statistics() | {"peaks": {"bass": 0.1}}
        assert port.report().peaks == {"bass": 0.5}
        assert port.statistics().peaks == {"bass": 0.5}
        assert port.statistics().peaks == {"bass": 0.1}
        port.close()

    run_in_virtual_time(main)


def test_a_device_that_cannot_be_closed_is_no_error_of_the_music(fake_dsp: SimpleNamespace) -> None:
    async def main() -> None:
        port = EnginePort(VirtualClock())
        port.start("null")

        def fail() -> None:
            raise OSError("disk full")

        port._engine.stop = fail
        port.close()

    run_in_virtual_time(main)


def real_dsp() -> bool:
    try:
        importlib.import_module("realtime._dsp")
    except ImportError:
        return False
    return True


built = pytest.mark.skipif(not real_dsp(), reason="the extension is not built; maturin develop builds it")


@built
def test_the_real_engine_makes_a_sound_of_a_note_at_its_time_and_silence_before(tmp_path: Path) -> None:
    samples = array.array("f")
    samples.frombytes(engine.render_outputs(PHRASE, tail_seconds=0.5))
    frame = 2 * 48_000 // 10
    assert max(map(abs, samples[: frame - 2])) < 1e-6
    assert max(map(abs, samples[frame : 2 * frame])) > 1e-3
    engine.write_wav(tmp_path / "phrase.wav", samples.tobytes())
    assert (tmp_path / "phrase.wav").stat().st_size > 3 * len(samples) - 100


@built
def test_the_real_engine_plays_to_nowhere_and_reports(tmp_path: Path) -> None:
    async def main() -> None:
        port = EnginePort(VirtualClock())
        opened = port.start("null")
        assert opened.rate == 48_000
        port.send(PHRASE)
        statistics = port.statistics()
        assert statistics.refused == 0
        assert statistics.sent == 12
        port.close()

    run_in_virtual_time(main)
