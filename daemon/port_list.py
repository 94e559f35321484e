"""What this machine has to play on: MIDI ports of others, and audio devices."""

from typing import Any, cast

from daemon.config import Config
from daemon.sound import audio_devices
from realtime.edges.midi_backend import BackendName, MidiUnavailable
from realtime.edges.midi_system import choose_backend, open_backend


def list_ports(config: Config) -> dict[str, Any]:
    """MIDI inputs, outputs and audio devices by name, and which MIDI system they belong to."""
    chosen, why = choose_backend(cast(BackendName, config.midi.backend))
    inputs: list[str] = []
    outputs: list[str] = []
    try:
        backend = open_backend(chosen)
    except MidiUnavailable as problem:
        why = str(problem)
    else:
        inputs, outputs = backend.sources(), backend.destinations()
        backend.close()
    return {"backend": chosen, "why": why, "inputs": inputs, "outputs": outputs, "audio": audio_devices()}
