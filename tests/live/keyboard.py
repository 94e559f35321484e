"""A keyboard: a process of its own that plays into a named port, as a musician's would.

python keyboard.py PORT COUNT GAP_MS [CHORDS]: plays COUNT notes of a chromatic scale, each on and off, GAP_MS
apart; or, when CHORDS is given (any word), COUNT whole chords of C, A minor, F and G in two hands.
"""

import sys

import rtmidi
import trio

CHORDS = ((48, 64, 67, 72), (45, 64, 69, 72), (41, 65, 69, 72), (43, 62, 67, 71))


async def play(port: str, count: int, gap_seconds: float, chords: bool) -> None:
    keyboard = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="test keyboard")
    try:
        with trio.fail_after(10):
            while port not in keyboard.get_ports():  # noqa: ASYNC110 - JACK tells nobody
                await trio.sleep(0.05)
        keyboard.open_port(keyboard.get_ports().index(port), "keys")
        await trio.sleep(0.3)  # JACK connects in its own time
        for number in range(count):
            pitches = CHORDS[number % len(CHORDS)] if chords else (36 + number % 61,)
            for pitch in pitches:
                keyboard.send_message([0x90, pitch, 80 if chords else 1 + number % 127])
            await trio.sleep(gap_seconds)
            for pitch in pitches:
                keyboard.send_message([0x80, pitch, 64])
            await trio.sleep(gap_seconds)
        await trio.sleep(0.3)
    finally:
        keyboard.close_port()
        keyboard.delete()


if __name__ == "__main__":
    trio.run(play, sys.argv[1], int(sys.argv[2]), float(sys.argv[3]) / 1_000, len(sys.argv) > 4)
