"""A synthesiser with keys: a process of its own with ports of its name, until it is pulled (it ends).

python instrument.py NAME PITCH ...: holds the keys PITCH ..., prints a line for every message that it is sent, in hex.
"""

import sys

import rtmidi
import trio


async def lie_on_the_keys(name: str, pitches: list[int]) -> None:
    keys = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=f"{name} keys")
    sound = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name=f"{name} sound")
    sound.ignore_types(timing=True)
    sound.set_callback(lambda message, _: sys.stdout.write(bytes(message[0]).hex() + "\n") and sys.stdout.flush())
    keys.open_virtual_port("keys")
    sound.open_virtual_port("sound")
    await trio.sleep(2.5)  # it is seen once a second
    for pitch in pitches:
        keys.send_message([0x90, pitch, 80])
    await trio.sleep_forever()


if __name__ == "__main__":
    trio.run(lie_on_the_keys, sys.argv[1], [int(word) for word in sys.argv[2:]])
