"""Which MIDI system this machine has, and opening it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from realtime.edges.midi_backend import Backend, BackendName, MidiUnavailable
from realtime.edges.midi_jack import HAS_JACK, JackBackend
from realtime.edges.midi_loopback import Loopback
from realtime.edges.midi_rtmidi import RtMidiBackend

JACK_ANSWER_SECONDS: Final = 3.0
ALSA_SEQUENCER: Final = Path("/dev/snd/seq")


def choose_backend(wanted: BackendName) -> tuple[BackendName, str]:
    """The backend to open for `wanted`, and a plain statement of why, for people.

    Takes up to 3 s where JACK hangs; 0.1 s as a rule on Linux, nothing elsewhere.

    Thread: any one, before the music.
    """
    if wanted != "auto":
        return wanted, f"MIDI by {wanted}, as configured"
    if sys.platform == "darwin":
        return "coremidi", "MIDI by CoreMIDI"
    if jack_answers():
        return "jack", "MIDI by JACK: a server is running"
    if ALSA_SEQUENCER.exists():
        return "alsa", "MIDI by ALSA: no JACK server is running"
    return "loopback", (
        "no MIDI: no JACK server is running and there is no ALSA sequencer (/dev/snd/seq); "
        "the band plays, but no cable can reach it"
    )


def jack_answers(timeout_seconds: float = JACK_ANSWER_SECONDS) -> bool:
    """Whether a JACK server takes clients. Asked in a process of its own: libjack prints, and may hang.

    Thread: any one, before the music.
    """
    question = "import rtmidi; rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name='sideman probe').delete()"
    try:
        asked = subprocess.run(
            [sys.executable, "-c", question],
            env={**os.environ, "JACK_NO_START_SERVER": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_seconds,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0


def open_backend(name: BackendName) -> Backend:
    """The MIDI system `name`; "auto" is chosen by `choose_backend`.

    Raises:
        MidiUnavailable: it does not exist on this machine, or does not answer.

    Thread: trio, before the music.
    """
    chosen, _ = choose_backend(name)
    if chosen == "loopback":
        return Loopback()
    if chosen == "jack" and not jack_answers():
        raise MidiUnavailable(
            f"no JACK server answers (server {os.environ.get('JACK_DEFAULT_SERVER', 'default')!r}); "
            "start jackd, or choose another with --set midi.backend=auto"
        )
    return JackBackend() if chosen == "jack" and HAS_JACK else RtMidiBackend(chosen)
