"""CoreMIDI, ALSA and JACK through python-rtmidi, its traps included.

Rules. What rtmidi gets wrong is dealt with here and nowhere else: messages it drops unless told not to, the
order in which a port must be closed, a JACK server it would start by itself, JACK's renaming of a second
client.
"""

import importlib
import os
from collections.abc import Callable
from typing import Any

import trio

from realtime.edges.jack_watch import server_identity
from realtime.edges.midi_backend import BackendName, Ear, Heard, MidiUnavailable, Mouth, short_name


class RtMidiBackend:
    """A MIDI system that python-rtmidi speaks.

    Each port is a client of its own. Its name is the port's name, so JACK and ALSA show `sideman in:sideman
    in` and CoreMIDI shows `sideman in`.

    Raises:
        MidiUnavailable: python-rtmidi was built without it, or it does not answer.

    Thread: trio; `heard` is called on the system's own thread (for JACK its real-time thread).
    """

    def __init__(self, name: BackendName) -> None:
        os.environ["JACK_NO_START_SERVER"] = "1"
        self._rtmidi: Any = importlib.import_module("rtmidi")
        self._name = name
        known = {
            "coremidi": self._rtmidi.API_MACOSX_CORE,
            "alsa": self._rtmidi.API_LINUX_ALSA,
            "jack": self._rtmidi.API_UNIX_JACK,
        }
        self._api = known[name]
        if self._api not in self._rtmidi.get_compiled_api():
            raise MidiUnavailable(f"{name} is not a MIDI system of this machine; try --set midi.backend=auto")
        self._server = ""
        self._source_probe: Any = None
        self._destination_probe: Any = None
        self._probe()

    @property
    def name(self) -> str:
        """What people call it."""
        return self._name

    @property
    def ahead_micros(self) -> int:
        """A message leaves at once."""
        return 0

    @property
    def is_slow(self) -> bool:
        """JACK's clients take 30 ms each. CoreMIDI's and ALSA's do not, and stay on the thread that began with them."""
        return self._name == "jack"

    @property
    def least_delay_micros(self) -> int:
        """A message leaves at once."""
        return 0

    async def run(self) -> None:
        """Nothing to do: what is heard is handed on by the thread that brings it."""
        await trio.sleep_forever()

    def sources(self) -> list[str]:
        """Ports that can be listened to; 1 ms."""
        return list(self._source_probe.get_ports())

    def destinations(self) -> list[str]:
        """Ports that can be sent to; 1 ms."""
        return list(self._destination_probe.get_ports())

    def listen(self, port: str, heard: Heard, *, virtual: bool) -> Ear:
        """Opens an input.

        Raises:
            MidiUnavailable: the port has gone, or the system refuses.
        """
        ear = self._make(self._rtmidi.MidiIn, port if virtual else f"sideman from {short_name(port)}")
        # In this order, before anything can arrive: system exclusive, clock and active sensing are wanted
        # or counted by the heart; rtmidi would drop the first two.
        ear.ignore_types(sysex=False, timing=False, active_sense=True)
        ear.set_callback(_hearer(heard))
        self._open(ear, port, virtual=virtual)
        return _RtEar(ear)

    def speak(self, port: str, *, virtual: bool) -> Mouth:
        """Opens an output.

        Raises:
            MidiUnavailable: the port has gone, or the system refuses.
        """
        mouth = self._make(self._rtmidi.MidiOut, port if virtual else f"sideman to {short_name(port)}")
        self._open(mouth, port, virtual=virtual)
        return _RtMouth(mouth)

    def is_alive(self) -> bool:
        """Whether the JACK server that was opened still runs; other systems never die alone. 1 ms."""
        return not self._server or server_identity() == self._server

    def revive(self) -> None:
        """Starts anew on a server that runs again.

        Raises:
            MidiUnavailable: it does not run yet.
        """
        if not server_identity():
            raise MidiUnavailable("the JACK server does not run")
        self.close()
        self._probe()

    def close(self) -> None:
        """Lets the system go. Once is enough; twice does no harm."""
        probes, self._source_probe, self._destination_probe = (self._source_probe, self._destination_probe), None, None
        for probe in probes:
            if probe is not None:
                probe.delete()

    def _probe(self) -> None:
        """One long-lived pair of clients for asking: making one for each poll leaks, and disturbs others."""
        server = server_identity() if self._name == "jack" else ""
        self._source_probe = self._make(self._rtmidi.MidiIn, "sideman probe in")
        self._destination_probe = self._make(self._rtmidi.MidiOut, "sideman probe out")
        self._server = server  # only now: a server that is not quite up yet is tried again

    def _make(self, kind: Any, client: str) -> Any:  # noqa: ANN401 - rtmidi is not typed
        try:
            return kind(self._api, name=client)
        except self._rtmidi.RtMidiError as problem:
            raise MidiUnavailable(f"{self._name} does not answer: {problem}") from problem

    def _open(self, end: Any, port: str, *, virtual: bool) -> None:  # noqa: ANN401 - rtmidi is not typed
        try:
            if virtual:
                end.open_virtual_port(port)
            else:
                end.open_port(end.get_ports().index(port), "midi")
        except (self._rtmidi.RtMidiError, ValueError, NotImplementedError) as problem:
            end.delete()
            raise MidiUnavailable(f"{self._name} port {port!r} cannot be opened: {problem}") from problem


class _RtEar:
    def __init__(self, ear: Any) -> None:  # noqa: ANN401 - rtmidi is not typed
        self._ear = ear

    def close(self) -> None:
        # In this order: closing with a callback set can crash, and JACK keeps the port until delete.
        self._ear.cancel_callback()
        self._ear.close_port()
        self._ear.delete()


class _RtMouth:
    def __init__(self, mouth: Any) -> None:  # noqa: ANN401 - rtmidi is not typed
        self._mouth = mouth

    def send(self, data: bytes, delay_micros: int = 0) -> None:
        self._mouth.send_message(data)

    def close(self) -> None:
        self._mouth.close_port()
        self._mouth.delete()


def _hearer(heard: Heard) -> Callable[[tuple[list[int], float], object], None]:
    """rtmidi's callback, its message made bytes; the time it measured is dropped, ours is asked for at
    once."""

    def on_message(message: tuple[list[int], float], _: object) -> None:
        heard(bytes(message[0]))

    return on_message
