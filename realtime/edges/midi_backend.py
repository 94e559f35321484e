"""What a MIDI system must do for us: list ports, open one, close it once."""

from typing import Final, Literal, Protocol

BackendName = Literal["auto", "coremidi", "alsa", "jack", "loopback"]

MOST_AHEAD_MICROS: Final = 20_000
"""A message is handed over no earlier than the band lets its notes go (`scheduler.RELEASE_AHEAD`)."""


class Heard(Protocol):
    """Takes a message that came in."""

    def __call__(self, data: bytes, age_micros: int = 0) -> None:
        """`data` is one whole message, played `age_micros` ago."""
        ...


class MidiUnavailable(RuntimeError):
    """The MIDI system asked for is not there, or refused a port; the text says which and what to do."""


class Ear(Protocol):
    """An open input."""

    def close(self) -> None:
        """No message is heard after this returns."""
        ...


class Mouth(Protocol):
    """An open output."""

    def send(self, data: bytes, delay_micros: int = 0) -> None:
        """One whole message leaves, to be on the wire in `delay_micros` where the system can do that, otherwise now.

        It raises where the system says it could not.
        """
        ...

    def close(self) -> None:
        """The port goes away."""
        ...


class Backend(Protocol):
    """A MIDI system."""

    @property
    def name(self) -> str:
        """What people call it: coremidi, alsa, jack, loopback."""
        ...

    @property
    def ahead_micros(self) -> int:
        """How long before its time a message is best handed over; 0 where it leaves at once."""
        ...

    @property
    def least_delay_micros(self) -> int:
        """How long after being handed over a message is on the wire at the soonest."""
        ...

    @property
    def is_slow(self) -> bool:
        """Whether opening and closing ports takes longer than the music can wait (JACK: 30 ms)."""
        ...

    async def run(self) -> None:
        """Hands on what was heard, for ever, where that needs a task."""
        ...

    def sources(self) -> list[str]:
        """Ports of others that can be listened to, ours among them where the system lists those."""
        ...

    def destinations(self) -> list[str]:
        """Ports of others that can be sent to."""
        ...

    def listen(self, port: str, heard: Heard, *, virtual: bool) -> Ear:
        """Opens an input. `heard` is called with whole messages, on whatever thread the system likes.

        Thread: any one, as everything that opens and closes; one at a time.
        """
        ...

    def speak(self, port: str, *, virtual: bool) -> Mouth:
        """Opens an output."""
        ...

    def is_alive(self) -> bool:
        """Whether the system that was opened still runs; False also while another one has taken its place."""
        ...

    def revive(self) -> None:
        """Starts anew on a system that runs again. What was open is lost.

        Raises:
            MidiUnavailable: it does not run yet.
        """
        ...

    def close(self) -> None:
        """Lets the system go. Close what was opened first."""
        ...


def short_name(port: str) -> str:
    """A port's name as part of a client's: JACK takes 63 characters and no second colon."""
    return port.replace(":", " ")[:40]
