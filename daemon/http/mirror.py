"""The music as the web process knows it: the last snapshot, kept up to date by every output, and what changed since
clients were last told.
"""

from typing import Any, Final

import trio

from realtime.core.events import Output
from realtime.core.osc_codec import encode
from realtime.core.units import MICROS_PER_SECOND

Mapping = dict[str, Any]

_FOLLOWED: Final[dict[str, dict[str, str]]] = {
    "Beat": {"number": "beat_number", "bar": "bar", "beat": "beat", "tempo_bpm": "tempo_bpm"},
    "ClockHeard": {"state": "clock", "confidence": "clock_confidence"},
    "ChordHeard": {"chord": "chord", "confidence": "chord_confidence"},
    "KeyHeard": {"key": "key", "confidence": "key_confidence"},
    "SectionHeard": {"section": "section"},
    "TransportChanged": {"playing": "playing", "tempo_bpm": "tempo_bpm", "meter": "meter"},
}
"""Outputs that say what a field of the snapshot is from now on."""


class Mirror:
    """Outputs and snapshots in; the present state, and what changed, out."""

    def __init__(self) -> None:
        self.state: Mapping = {"parameters": {}}
        """The heart's `Snapshot`, as JSON has it; `sound` is the engine's statistics, where there is one."""
        self.at = 0
        """When the last snapshot was taken, µs."""
        self.told: dict[str, tuple[object, ...]] = {}
        """What OSC last told on each address, but for parameters."""
        self._changed: Mapping = {}
        self._arrived = trio.current_time()

    def now(self) -> int:
        """The session's clock, µs, give or take what a snapshot takes to come here."""
        return self.at + round((trio.current_time() - self._arrived) * MICROS_PER_SECOND)

    @property
    def parameters(self) -> Mapping:
        """Where every parameter stands, by path."""
        parameters: Mapping = self.state["parameters"]
        return parameters

    def take_snapshot(self, snapshot: Mapping, at: int) -> None:
        """The heart as it stood at `at`."""
        self.at, self._arrived = at, trio.current_time()
        for name, value in snapshot.items():
            if name == "parameters":
                for path, setting in value.items():
                    self._set(path, setting)
            else:
                self._update(name, value)

    def take_sound(self, sound: Mapping) -> None:
        """How the engine does, but for the histograms: nobody reads those four times a second."""
        self._update("sound", {name: value for name, value in sound.items() if not name.endswith("_histogram")})

    def take_output(self, output: Mapping) -> bool:
        """An output of the heart, as the log has it; whether clients are told of it as an event."""
        kind = output["type"]
        if kind == "ParameterChanged":
            self._set(output["path"], output["value"])
            return False
        for name, field in _FOLLOWED.get(kind, {}).items():
            self.state[field] = output[name]
        return True

    def take_event(self, event: Output) -> tuple[str, tuple[object, ...]] | None:
        """The OSC message that tells of an output, noted; None if none does."""
        message = encode(event)
        if message is not None and type(event).__name__ != "ParameterChanged":
            self.told[message[0]] = message[1]
        return message

    def changes(self) -> Mapping:
        """What changed since this was last asked: fields of the state, and `parameters` by path. Empty for nothing."""
        changed, self._changed = self._changed, {}
        return changed

    def _update(self, name: str, value: object) -> None:
        if self.state.get(name) != value:
            self.state[name] = self._changed[name] = value

    def _set(self, path: str, value: object) -> None:
        if self.parameters.get(path) != value or path not in self.parameters:
            self.parameters[path] = value
            self._changed.setdefault("parameters", {})[path] = value
