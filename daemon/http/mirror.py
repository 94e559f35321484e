"""The music as the web process knows it: the last snapshot, kept up to date by every output, and what changed since
clients were last told.
"""

from typing import Any, Final

import trio

from realtime.core.events import Output
from realtime.core.osc_codec import encode
from realtime.core.units import MICROS_PER_SECOND

Mapping = dict[str, Any]

MOST_SECTIONS: Final = 64

_FOLLOWED: Final[dict[str, dict[str, str]]] = {
    "Beat": {"number": "beat_number", "bar": "bar", "beat": "beat", "tempo_bpm": "tempo_bpm"},
    "ChordHeard": {"chord": "chord", "confidence": "chord_confidence"},
    "KeyHeard": {"key": "key", "confidence": "key_confidence"},
    "SectionHeard": {"section": "section"},
    "SongHeard": {"song": "song", "bar": "song_bar"},
    "TransportChanged": {"playing": "playing", "tempo_bpm": "tempo_bpm", "meter": "meter"},
}
"""Outputs that say what a field of the snapshot is from now on."""


class Mirror:
    """Outputs and snapshots in; the present state, and what changed, out."""

    def __init__(self) -> None:
        self.state: Mapping = {"parameters": {}, "sections": []}
        """The heart's `Snapshot`, as JSON has it, and what outputs have told besides: `sections` of this song so far,
        `song` known by heart, `clock` that is followed, `turn` of who has the word. `sound` is the engine's
        statistics, where there is one, and `guests` who asks to send OSC."""
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

    def take_guests(self, guests: Mapping) -> None:
        """Who asks to send OSC, and who may."""
        self._update("guests", guests)

    def take_output(self, output: Mapping) -> bool:
        """An output of the heart, as the log has it; whether clients are told of it as an event."""
        kind = output["type"]
        if kind == "ParameterChanged":
            self._set(output["path"], output["value"])
            return False
        for name, field in _FOLLOWED.get(kind, {}).items():
            self.state[field] = output[name]
        self._keep(kind, output)
        return True

    def _keep(self, kind: str, output: Mapping) -> None:
        """What no snapshot tells, and who comes later wants to know."""
        match kind:
            case "SectionHeard":
                told = {name: output[name] for name in ("section", "bar", "returns")}
                earlier = [section for section in self.state["sections"] if section["bar"] < told["bar"]]
                self.state["sections"] = [*earlier, told][-MOST_SECTIONS:]
            case "TransportChanged" if output["playing"] and output["position"] == 0:
                self.state["sections"] = []
            case "ClockHeard":
                self.state["clock"] = {name: output[name] for name in ("state", "port", "tempo_bpm", "confidence")}
            case "TurnTaken":
                self.state["turn"] = {name: output[name] for name in ("part", "beats")}
            case _:
                pass

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
