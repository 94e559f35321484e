"""The sound engine: modelled instruments, mixer, reverb and limiter, written in Rust.

Events are packed, little-endian, sixteen bytes each: ``struct.pack("<qBBBBf", at_micros, kind, part, a, b, value)``.

====  ===========  =========================================================================
kind  name         fields
====  ===========  =========================================================================
0     note off     part, a = pitch 0-127
1     note on      part, a = pitch 0-127, b = velocity 1-127
2     control      part, a = controller 0-127, b = value 0-127
3     parameter    a = parameter id, value in the parameter's unit (clamped to its range)
4     panic        silences every part with a short fade, forgets notes that were sent before
5     instrument   part, a = instrument id, for notes that start from then on
6     pitch bend   part, value -1 to 1, which is two semitones each way
====  ===========  =========================================================================

Controllers that do something: 1 modulation, 7 volume (100 is unity), 11 expression, 64 sustain, 66 sostenuto,
120 all sound off, 121 reset controllers, 123 all notes off. Others are counted under ``ignored``.
"""

import os
from typing import Final, final

__all__ = [
    "EVENT_SIZE",
    "HAS_DEVICES",
    "INSTRUMENTS",
    "PARTS",
    "Engine",
    "devices",
    "parameters",
    "render",
    "write_wav",
]

EVENT_SIZE: Final[int]
"""Bytes of one packed event: 16."""

PARTS: Final[tuple[str, ...]]
"""The parts by name; the index is the part's id: player, drums, bass, keys, pad, solo."""

INSTRUMENTS: Final[tuple[str, ...]]
"""The instruments by name; the index is the instrument's id."""

HAS_DEVICES: Final[bool]
"""Whether this build opens hardware (JACK, or JACK and sound cards); ``null`` and ``wav`` always work."""

def parameters() -> list[dict[str, object]]:
    """Every parameter, in the order of the ids.

    Returns:
        One dictionary a parameter: ``id`` (int), ``name`` (such as ``part/bass/level``), ``unit`` (``dB``, ``Hz``,
        ``s`` or empty), ``min``, ``max``, ``default`` (float), ``curve`` (``linear``, ``logarithmic`` or ``switch``)
        and ``help`` (one sentence).
    """

def devices() -> list[dict[str, object]]:
    """Every output device of every host; empty when ``HAS_DEVICES`` is false.

    Returns:
        One dictionary a device: ``host`` (str), ``name`` (str), ``default`` (bool: what ``auto`` would open on that
        host) and ``rates`` (list of int, in hertz).
    """

def render(
    events: bytes,
    *,
    rate: int = 48000,
    effects: bool = True,
    tail_seconds: float = 4.0,
    until_micros: int | None = None,
) -> bytes:
    """Renders packed events offline; lets other threads run meanwhile.

    Times count from the start of the piece: microsecond ``t`` is sample ``round(t * rate / 1e6)``. Events may come in
    any order; those of the same time keep theirs. After the end the tail sounds until silence.

    Args:
        events: Packed events.
        rate: Sample rate in hertz, 8000 to 192000.
        effects: Whether reverb and compressor are on; the limiter always is.
        tail_seconds: The longest tail after the end, in seconds.
        until_micros: Where the piece ends; after the last event where this is None. Later events are left out.

    Returns:
        Interleaved stereo, little-endian 32-bit floats, none above -1 dBFS.

    Raises:
        ValueError: An event or an argument is out of range; says what was seen and what is allowed.
    """

def write_wav(path: str | os.PathLike[str], samples: bytes, *, rate: int, bits: int = 24) -> None:
    """Writes interleaved stereo, little-endian 32-bit floats as a WAV file.

    Args:
        path: The file; an existing one is replaced.
        samples: What ``render`` returned, or the like.
        rate: Sample rate in hertz, 8000 to 192000.
        bits: 16 (dithered), 24, or 32 (floats).

    Raises:
        OSError: The file cannot be written.
        ValueError: The rate, the bits or the size of ``samples`` is wrong.
    """

@final
class Engine:
    """The live engine. Every method may be called from any thread.

    Settings (parameters, instruments, controllers 1, 7 and 11) outlive ``stop``: the next ``start`` begins with them.
    """

    def __new__(cls, *, rate: int = 48000, frames: int = 128, effects: bool = True) -> Engine:
        """An engine that asks devices for this rate and block; opens nothing yet.

        Args:
            rate: Sample rate in hertz, 8000 to 192000.
            frames: Frames a block, 1 to 8192.
            effects: Whether reverb and compressor are on; the limiter always is.

        Raises:
            ValueError: An argument is out of range.
        """

    def start(
        self,
        device: str,
        *,
        host: str | None = None,
        wav_path: str | os.PathLike[str] | None = None,
        now_micros: int,
    ) -> dict[str, object]:
        """Opens a device and plays; one that was open is closed first. Lets other threads run meanwhile.

        An event sounds one block and less than a millisecond after its ``at_micros``, or at once where that has passed.

        Args:
            device: ``null`` (plays nowhere, in real time), ``wav`` (the same into a file), ``auto`` (JACK where a
                server runs, else the default device), ``jack``, or a device's name or part of it.
            host: ``jack``, ``alsa``, ``coreaudio``, ...; None for the usual one.
            wav_path: The file of the ``wav`` device.
            now_micros: The caller's clock, now, in microseconds; events' ``at_micros`` are read on that clock.

        Returns:
            What was opened: ``host`` (str), ``name`` (str), ``rate`` (int, hertz) and ``frames`` (int). Rate and
            frames are the device's and may differ from what was asked.

        Raises:
            OSError: The device or the file cannot be opened.
            ValueError: ``wav`` without ``wav_path``.
        """

    def send(self, events: bytes) -> int:
        """Sends packed events; never waits for the audio thread.

        Args:
            events: Packed events.

        Returns:
            How many were accepted. Without a device only settings are (they are kept); a full queue refuses
            everything but what ends sound.

        Raises:
            ValueError: An event is malformed; none was sent.
        """

    def stop(self) -> None:
        """Stops and closes the device, completing a WAV file; does nothing when none is open.

        Raises:
            OSError: The WAV file could not be written.
        """

    def statistics(self) -> dict[str, object]:
        """Counters, levels and callback times of the present or last device, counted from its ``start``.

        Returns:
            ``running`` (bool): whether a device is open.
            ``lost`` (bool): whether it has gone; stop and start again.
            ``callbacks``, ``frames`` (int): callbacks and frames rendered so far.
            ``xruns`` (int): ``overruns`` (callbacks that took longer than their block lasts) and ``backend_xruns``
            (gaps the device reported) together; both are there as well.
            ``voices`` (int): notes sounding. ``stolen`` (int): notes faded out early because the pool was full.
            ``events`` (int): events carried out. ``late`` (int): of these, those that came after their time and
            were played at once. ``dropped`` (int): events lost for want of room. ``ignored`` (int): events that meant
            nothing here. ``overflows`` (int): times every sound was ended because an ending had been lost.
            ``broken_chunks`` (int): chunks thrown away because they held something that is no number.
            ``peaks`` (dict of str to float): highest sample, 1 is full scale, of each part and of ``master`` since
            the last call. ``rms`` (the same): root mean square over about 0.3 s.
            ``limiter_gain`` (float): deepest gain of the limiter in the last callback; 1 when idle.
            ``callback_p50_micros``, ``callback_p99_micros``, ``callback_max_micros`` (float): how long callbacks
            take; the quantiles are rounded up by nine percent at most.
        """
