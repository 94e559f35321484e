"""A keyboard: a process of its own that plays into a named port, as a musician's would.

python keyboard.py PORT COUNT GAP_MS: plays COUNT notes, each on and off, GAP_MS apart.
"""

import sys

import rtmidi
import trio


async def play(port: str, count: int, gap_seconds: float) -> None:
    keyboard = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="test keyboard")
    try:
        with trio.fail_after(10):
            while port not in keyboard.get_ports():  # noqa: ASYNC110 - JACK tells nobody
                await trio.sleep(0.05)
        keyboard.open_port(keyboard.get_ports().index(port), "keys")
        await trio.sleep(0.3)  # JACK connects in its own time
        for number in range(count):
            pitch = 36 + number % 61
            keyboard.send_message([0x90, pitch, 1 + number % 127])
            await trio.sleep(gap_seconds)
            keyboard.send_message([0x80, pitch, 64])
            await trio.sleep(gap_seconds)
        await trio.sleep(0.3)
    finally:
        keyboard.close_port()
        keyboard.delete()


if __name__ == "__main__":
    trio.run(play, sys.argv[1], int(sys.argv[2]), float(sys.argv[3]) / 1_000)
