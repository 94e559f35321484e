"""`sideman bench thru`: from a key to `sideman out`, over a real JACK server, with a full band beside it."""

import subprocess
import sys
from dataclasses import replace
from typing import Any, Final

import msgspec
import trio

from daemon.bench_keys import Keys
from daemon.config import Config
from daemon.rig import Rig, Say
from daemon.serve import tune_interpreter
from daemon.session_folder import make_header
from daemon.styles_folder import StyleShelf, performer_of
from daemon.worker_environment import worker_environment
from realtime.core.events import ActionRequested, Input, ParameterSet
from realtime.edges.midi_jack import JackBackend

CHART: Final = "| C | Am | F | G |"
PATIENCE_SECONDS: Final = 30.0


def key_to_out(config: Config, shelf: StyleShelf, seconds: float, say: Say) -> dict[str, Any]:
    """Thru and harmonise, in µs from sample to sample; how many keys went without an answer.

    Raises:
        MidiUnavailable: no JACK server answers.
    """
    probe = JackBackend()
    block_micros = probe.least_delay_micros
    probe.close()
    midi = replace(config.midi, backend="jack", thru=True)
    audio = replace(config.audio, device="null" if config.audio.device == "auto" else config.audio.device)
    keys, statistics = trio.run(_play, replace(config, midi=midi, audio=audio), shelf, seconds, say)
    return {
        "jack_block_micros": block_micros,
        "keys": keys.keys,
        "thru_micros": summary(keys.thru),
        "harmonise_micros": summary(keys.harmonise),
        "outputs": statistics["stage"]["outputs"],
        "notes_late": statistics["midi"]["late"],
        "notes": statistics["midi"]["notes"],
    }


async def _play(config: Config, shelf: StyleShelf, seconds: float, say: Say) -> tuple[Keys, dict[str, Any]]:
    heart = performer_of(make_header(config, shelf.mappings, config.band.seed, forms=shelf.forms))
    rig = Rig(config, heart, say)
    begin: tuple[Input, ...] = (
        ParameterSet("mode", "harmonise"),
        ActionRequested("chart", (CHART,)),
        ActionRequested("transport/start"),
    )
    try:
        rig.open(must_have_osc=False)
        tune_interpreter()
        async with trio.open_nursery() as nursery:
            await nursery.start(rig.run)
            for event in begin:
                rig.put(event, rig.clock.now())
            with trio.fail_after(seconds + PATIENCE_SECONDS):
                command = [sys.executable, "-P", "-m", "daemon.bench_keys", str(seconds)]
                said = await trio.run_process(command, capture_stdout=True, env=worker_environment())
            nursery.cancel_scope.cancel()
        return msgspec.json.decode(said.stdout, type=Keys), rig.statistics()
    except subprocess.CalledProcessError as problem:
        raise RuntimeError("the keyboard process failed; its last words are above") from problem
    finally:
        rig.close()


def summary(micros: list[int]) -> dict[str, int]:
    """Count and exact percentiles, µs; all zero if there are none."""
    ordered = sorted(micros)
    if not ordered:
        return dict.fromkeys(("count", "p50", "p99", "worst"), 0)
    at = {"p50": ordered[len(ordered) // 2], "p99": ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]}
    return {"count": len(ordered), **at, "worst": ordered[-1]}
