"""The MIDI ports among other people's: a port for each part, instruments that come and go, and cables in a circle."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.fakes import hanging
from tests.live.conftest import Jack, Listener, dumped, listening, osc_dump, stop, wait_for
from tests.live.test_daemon_live import IN, OUT, ROOT, Daemon, play_keys, replay, sideman, start

__all__ = ["start"]

INSTRUMENT = [sys.executable, str(Path(__file__).parent / "instrument.py")]
PART_CHANNELS = {"bass": 1, "keys": 2, "pad": 3, "solo": 4, "drums": 9}


def inputs(daemon: Daemon) -> list[dict]:
    """What the heart has heard, by the log."""
    lines = [line for line in (daemon.session() / "session.jsonl").read_text().splitlines()[1:] if line.endswith("}")]
    return [line["in"] for line in map(json.loads, lines) if "in" in line]


def count(daemon: Daemon, kind: str) -> int:
    return sum(one["type"] == kind for one in inputs(daemon))


def test_each_part_leaves_by_a_port_of_its_own_and_all_of_them_by_sideman_out(
    start: Callable[..., Daemon], jack: Jack, monitor: Callable[[str], Listener], tmp_path: Path
) -> None:
    daemon = start("audio.device=null", "midi.part_ports=true", "parameters.part/bass/program=34")
    ports = {part: f"sideman {part}:sideman {part}" for part in PART_CHANNELS}
    assert set(ports.values()) <= set(jack.ports())
    everything = monitor(OUT)
    with (
        listening(["jack_midi_dump", "-a", "monbass"], tmp_path / "bass.txt") as bass,
        listening(["jack_midi_dump", "-a", "mondrums"], tmp_path / "drums.txt") as drums,
    ):
        jack.connect(ports["bass"], "monbass:input")
        jack.connect(ports["drums"], "mondrums:input")
        daemon.osc("/sideman/transport/tempo", "f", "160")
        daemon.osc("/sideman/transport/start")
        play_keys()
        wait_for(lambda: len(dumped(bass.lines())) > 12 and len(dumped(drums.lines())) > 12, 20, "both play")
        assert stop(daemon.process, signal.SIGTERM) == 0, daemon.errors()
        wait_for(lambda: not hanging(dumped(everything.lines())), 3, "every note has ended")
        for part, listener in (("bass", bass), ("drums", drums)):
            wait_for(lambda listener=listener: not hanging(dumped(listener.lines())), 3, "every note has ended")
            heard = dumped(listener.lines())
            assert {data[0] & 0x0F for data in heard} == {PART_CHANNELS[part]}
            of_all = [data for data in dumped(everything.lines()) if data[0] & 0x0F == PART_CHANNELS[part]]
            assert [data for data in heard if data[0] & 0xF0 == 0x90] == [d for d in of_all if d[0] & 0xF0 == 0x90]
        assert b"\xc1\x21" in dumped(bass.lines())
    assert replay(daemon.session()).returncode == 0


def lost(daemon: Daemon) -> int:
    """How many ports went away so far."""
    return sum(each["type"] == "PortChanged" and not each["present"] for each in inputs(daemon))


def test_an_instrument_is_found_by_name_missed_when_it_is_pulled_and_found_again(
    start: Callable[..., Daemon], tmp_path: Path
) -> None:
    daemon = start("audio.device=null", 'midi.inputs=["moog"]', 'midi.outputs=["moog"]')
    with osc_dump(daemon.feedback_port, tmp_path / "osc.txt") as dump:

        def state() -> str:
            said = [line for line in dump.lines() if "/sideman/state " in line]
            return said[-1] if said else ""

        daemon.osc("/sideman/refresh", "i", str(daemon.feedback_port))
        wait_for(lambda: "no MIDI input 'moog' is plugged in" in state(), 5, "the state says what is missing")
        for number in (1, 2):
            with listening([*INSTRUMENT, "Moog", "48", "52", "55"], tmp_path / f"moog{number}.txt") as moog:
                wait_for(lambda: state().endswith('""'), 10, "the state says that all is well")
                wait_for(lambda keys=3 * number: count(daemon, "MidiReceived") >= keys, 10, "its keys are heard")
                wait_for(lambda moog=moog: len(moog.lines()) > 12, 20, "the band plays on it")
                stop(moog.process, signal.SIGKILL)
            wait_for(lambda: "no MIDI output 'moog' is plugged in" in state(), 5, "the state says so")
            wait_for(lambda ways=2 * number: lost(daemon) == ways, 5, "both its ways are lost")
    assert stop(daemon.process, signal.SIGTERM) == 0, daemon.errors()
    assert "Traceback" not in daemon.errors()
    held: dict[int, int] = {}
    for line in (daemon.session() / "session.jsonl").read_text().splitlines()[1:]:
        out = json.loads(line).get("out", {})
        if out.get("part") == "player" and out["type"] in ("NoteOn", "NoteOff"):
            held[out["pitch"]] = held.get(out["pitch"], 0) + (1 if out["type"] == "NoteOn" else -1)
    assert set(held) == {48, 52, 55}
    assert set(held.values()) == {0}
    assert replay(daemon.session()).returncode == 0


def test_the_doctor_measures_the_way_out_and_in_again(jack: Jack) -> None:
    said = subprocess.run(
        [*sideman(), "doctor", "--latency", "--json", "--set", "midi.backend=jack"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=ROOT,
    )
    (alone,) = json.loads(said.stdout)["round_trips"]
    assert said.returncode == 0, said.stderr
    assert (alone["sent"], alone["came"]) == (100, 100)


def test_our_output_in_our_own_input_feeds_nothing_back(start: Callable[..., Daemon], jack: Jack) -> None:
    daemon = start("audio.device=null", "midi.thru=true", "midi.clock=false")
    jack.connect(OUT, IN)
    daemon.osc("/sideman/transport/tempo", "f", "160")
    daemon.osc("/sideman/transport/start")
    play_keys(8)
    heard = [i for i in inputs(daemon) if i["type"] == "MidiReceived"]
    assert len(heard) == 8 * 4 * 2
    assert stop(daemon.process, signal.SIGTERM) == 0, daemon.errors()
