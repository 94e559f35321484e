"""The instruments of others: program and bank of each part, told before the music and whenever they change.

Rules. Bank first (controllers 0 and 32), then the program, on the part's channel. Program 0 is nobody's: nothing is
said then, and the other end stays as it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from realtime.core.events import BAND_PARTS, Output, ParameterChanged, Part, Stamped, TransportChanged, Value
from realtime.edges.clock import Clock
from realtime.edges.midi_out import SendMidi

BANK_HIGH: Final = 0
BANK_LOW: Final = 32
_KNOBS: Final = ("program", "bank", "channel")


class MidiProgram:
    """A sink for the heart's outputs that chooses instruments at the other end.

    Args:
        send: puts one whole message on the wire.
        parameters: where every knob stands to begin with.

    Thread: trio.
    """

    name: Final = "MIDI programs"

    def __init__(self, send: SendMidi, clock: Clock, parameters: Mapping[str, Value]) -> None:
        self._send = send
        self._clock = clock
        self._knobs = {part: {knob: int(parameters[f"part/{part}/{knob}"]) for knob in _KNOBS} for part in BAND_PARTS}

    def send(self, outputs: Sequence[Stamped[Output]]) -> None:
        """A knob was turned, or the music begins: whoever was connected since hears it, too. Never waits."""
        for stamped in outputs:
            match stamped.event:
                case ParameterChanged(path=path, value=value):
                    self._turn(path, value)
                case TransportChanged(playing=True, position=int()):
                    for part, data in self.messages():
                        self._send(data, self._clock.now(), part)
                case _:
                    pass

    def messages(self) -> Iterator[tuple[Part, bytes]]:
        """What an output that was just opened must be told: the messages of every part that has a program."""
        for part in BAND_PARTS:
            for data in self._messages_of(part):
                yield part, data

    def _turn(self, path: str, value: Value) -> None:
        prefix, _, rest = path.partition("/")
        name, _, knob = rest.partition("/")
        if prefix != "part" or knob not in _KNOBS:
            return
        for part in (part for part in BAND_PARTS if part == name):
            if self._knobs[part][knob] != int(value):
                self._knobs[part][knob] = int(value)
                for data in self._messages_of(part):
                    self._send(data, self._clock.now(), part)

    def _messages_of(self, part: Part) -> Iterator[bytes]:
        program, bank, channel = (self._knobs[part][knob] for knob in _KNOBS)
        if program:
            yield bytes((0xB0 | channel - 1, BANK_HIGH, bank >> 7))
            yield bytes((0xB0 | channel - 1, BANK_LOW, bank & 0x7F))
            yield bytes((0xC0 | channel - 1, program - 1))
