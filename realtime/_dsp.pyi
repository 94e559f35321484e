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
from collections.abc import Mapping, Sequence
from typing import Final, Protocol, final, type_check_only

__all__ = [
    "DEFAULT_INSTRUMENTS",
    "EVENT_SIZE",
    "GM_DRUM_KITS",
    "GM_INSTRUMENTS",
    "HAS_DEVICES",
    "HAS_GPU",
    "HAS_JACK_MIDI",
    "INSTRUMENTS",
    "MIDI_EVENT_SIZE",
    "PARTS",
    "Chance",
    "ChordKernel",
    "Engine",
    "JackMidiIn",
    "JackMidiOut",
    "JackMidiProbe",
    "KeyKernel",
    "MelodyKernel",
    "OracleKernel",
    "PhraseKernel",
    "SoundFont",
    "devices",
    "fuse_chords",
    "lead_voices",
    "likeliest_chords",
    "measure_crowd",
    "measure_midi",
    "measure_notes",
    "pack_exclusive",
    "parameters",
    "probe_gpu",
    "render",
    "render_midi",
    "see_beat",
    "train_oracle",
    "walk",
    "weigh_notes",
    "write_wav",
]

EVENT_SIZE: Final[int]
"""Bytes of one packed event: 16."""

PARTS: Final[tuple[str, ...]]
"""The parts by name; the index is the part's id: player, drums, bass, keys, pad, solo."""

INSTRUMENTS: Final[tuple[str, ...]]
"""The instruments by name; the index is the instrument's id."""

DEFAULT_INSTRUMENTS: Final[tuple[str, ...]]
"""The name of what each part plays until it is told otherwise, in the order of ``PARTS``."""

GM_INSTRUMENTS: Final[tuple[str, ...]]
"""The name of the instrument that plays each General MIDI program, 0 to 127, on any channel but the drums'."""

GM_DRUM_KITS: Final[tuple[str, ...]]
"""The name of the kit that plays each program, 0 to 127, of the drum channel: 40 is the brush kit."""

HAS_DEVICES: Final[bool]
"""Whether this build opens hardware (JACK, or JACK and sound cards); ``null`` and ``wav`` always work."""

HAS_GPU: Final[bool]
HAS_JACK_MIDI: Final[bool]
"""Whether this build can use a graphics processor."""

MIDI_EVENT_SIZE: Final[int]
"""Bytes of one packed MIDI event: 12."""

def parameters() -> list[dict[str, object]]:
    """Every parameter, in the order of the ids.

    Returns:
        One dictionary a parameter: ``id`` (int), ``name`` (such as ``part/bass/level``), ``unit`` (``dB``, ``Hz``,
        ``s``, ``bpm``, ``beats`` or empty), ``min``, ``max``, ``default`` (float), ``curve`` (``linear``,
        ``logarithmic`` or ``switch``), ``smoothing_seconds`` (float: the time constant with which a change is
        followed, 0 where it takes effect as it is) and ``help`` (one sentence).
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

@final
class PhraseKernel:
    """A decoder of the Qwen2 family as mlx-lm writes it, and what it has heard: tokens in, scores of the next one out.

    Deterministic, the same on every processor; one thread at a time; works without the interpreter's lock.

    Args:
        config: the content of `config.json` (`model_type` qwen2, without rope scaling).
        weights: the content of `model.safetensors`: F32, F16, BF16, or mlx's affine 8 bits. At most 256 MiB.

    Raises:
        ValueError: one of them is none, or larger than is read; the text says which key or tensor.
    """

    def __new__(cls, config: bytes, weights: bytes) -> PhraseKernel: ...
    @property
    def vocabulary(self) -> int:
        """How many tokens there are."""

    @property
    def context(self) -> int:
        """How many tokens are remembered at most: as many as the model was made for, or 2048."""

    @property
    def size(self) -> int:
        """How many numbers were learnt."""

    @property
    def heard(self) -> list[int]:
        """The tokens heard."""

    def hear(self, tokens: Sequence[int]) -> None:
        """Hears tokens.

        Raises:
            ValueError: one is outside the vocabulary, or there is no room for them; none was heard then.
        """

    def roll_back(self, length: int) -> None:
        """Goes back to when `length` tokens were heard, as if the rest had never been."""

    def attune(self, tokens: Sequence[int]) -> int:
        """Has heard `tokens` then, and nothing else; returns how many of them were new.

        Raises:
            ValueError: as `hear`; nothing has changed then.
        """

    def logits(self) -> bytes:
        """Scores of the next token: `vocabulary` little-endian 32-bit floats; zeros before anything was heard."""

    def time_steps(self, tokens: Sequence[int]) -> list[int]:
        """Hears tokens one by one, with the scores after each; returns the nanoseconds that each took.

        Raises:
            ValueError: as `hear`.
        """

@final
class SoundFont:
    """A SoundFont file (SF2, SF3). Presets are loaded, with their samples, when they are first played. Any thread's."""

    def __new__(cls, path: str | os.PathLike[str]) -> SoundFont:
        """Looks through a file, but for its samples; lets other threads run meanwhile.

        Raises:
            OSError: The file cannot be read.
            ValueError: It is no SoundFont, or a broken one; names the chunk and the byte. Compressed samples that are
                broken are noticed when they are loaded: an OSError of what plays them.
        """

    @property
    def name(self) -> str:
        """The name of the bank."""

    @property
    def presets(self) -> list[tuple[int, int, str]]:
        """Bank (128 is percussion), program and name of each preset, in this order."""

def pack_exclusive(message: bytes) -> tuple[int, int, int, int] | None:
    """What stands for a system-exclusive message (its first byte 0xF0, its last 0xF7) in the events of `render_midi`.

    Known are the resets of General MIDI, GM 2, GS and XG, master volume and tuning, and what makes a channel percussion
    in GS and XG.

    Returns:
        Channel, status and two data bytes; None where the player does nothing on it.
    """

def render_midi(
    font: SoundFont,
    events: bytes,
    *,
    rate: int = 48000,
    effects: bool = True,
    tail_seconds: float = 4.0,
    polyphony: int = 256,
    device: str = "cpu",
) -> tuple[bytes, dict[str, int]]:
    """Renders MIDI channel messages with a SoundFont; lets other threads run meanwhile.

    Args:
        font: The bank.
        events: Packed, little-endian, ``struct.pack("<qBBBB", at_micros, channel, status, a, b)``; channel 9 is
            percussion; only the upper half of the status counts, but for what `pack_exclusive` gives.
        rate: Sample rate in hertz, 8000 to 192000.
        effects: Whether reverb and chorus are on; the limiter always is.
        tail_seconds: The longest tail after the last event, in seconds.
        polyphony: Voices that may sound at once, 1 to 4096.
        device: Where voices are rendered, ``cpu`` or ``gpu``; both give the same but for noise 100 dB below.

    Returns:
        Interleaved stereo, little-endian 32-bit floats, none above -1 dBFS; and ``voice_frames`` (voices that sounded,
        summed over all frames), ``stolen`` (voices faded out early) and ``ignored`` (events that meant nothing).

    Raises:
        ValueError: An event or an argument is out of range; says what was seen and what is allowed.
        RuntimeError: The GPU was asked for, and there is none, or it failed; says so in a line.
    """

def probe_gpu() -> dict[str, object]:
    """Opens the graphics processor and measures it; lets other threads run meanwhile.

    Returns:
        ``name`` and ``api`` (str), ``software`` (bool: it is a program on the CPU), ``round_trip_micros`` (an empty
        batch), ``gpu_nanos`` and ``cpu_nanos`` (a frame of a filtered voice, there and on one core), and ``faster``
        (bool: the GPU wins by a quarter or more).

    Raises:
        RuntimeError: There is none, or it failed; says so in a line.
    """

def measure_midi(
    font: SoundFont,
    events: bytes,
    *,
    rate: int = 48000,
    effects: bool = True,
    polyphony: int = 256,
    frames: int = 64,
    passes: int = 3,
) -> dict[str, float]:
    """Plays MIDI channel messages block by block and takes the time; lets other threads run meanwhile.

    Args:
        font: The bank.
        events: As for `render_midi`.
        rate: Sample rate in hertz, 8000 to 192000.
        effects: Whether reverb and chorus are on.
        polyphony: Voices that may sound at once, 1 to 4096.
        frames: Frames a block, 1 to 8192.
        passes: How often the piece is played, 1 to 100; each block counts with its quickest pass.

    Returns:
        Microseconds a block: ``p50``, ``p99`` and ``worst``.

    Raises:
        ValueError: Something is out of range; the text says which.
    """

def measure_notes(font: SoundFont, *, rate: int = 48000, polyphony: int = 256) -> dict[str, float]:
    """Starts notes while as many sound as may, and takes the time; lets other threads run meanwhile.

    Returns:
        Microseconds a note-on: ``p50``, ``p99`` and ``worst``.

    Raises:
        ValueError: ``rate`` or ``polyphony`` (1 to 4096) is out of range.
    """

def measure_crowd(
    font: SoundFont, voices: int, *, rate: int = 48000, frames: int = 64, passes: int = 3
) -> dict[str, float]:
    """Holds ``voices`` notes with effects, and takes the time of blocks; lets other threads run meanwhile.

    Returns:
        Microseconds a block, each counted with its quickest pass: ``p50``, ``p99`` and ``worst``; and the ``voices``
        there were, which may be fewer where the bank has few presets that loop.

    Raises:
        ValueError: Something is out of range (``voices`` 1 to 65536); the text says which.
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

    def use_soundfont(self, font: SoundFont, presets: dict[str, tuple[int, int]]) -> None:
        """From the next start on, the parts play presets of a SoundFont; where it has no such note, their instruments.

        Args:
            font: The bank.
            presets: Bank and program by the part's name. Other parts play what General MIDI has for their instrument.

        Raises:
            ValueError: No such part, or no such preset in the bank.
            OSError: The presets cannot be loaded.
        """

    def start(
        self,
        device: str,
        *,
        host: str | None = None,
        wav_path: str | os.PathLike[str] | None = None,
        now_micros: int,
        patient: bool = False,
    ) -> dict[str, object]:
        """Opens a device and plays; one that was open is closed first. Lets other threads run meanwhile.

        From then on the device is looked after: where it goes, stalls or changes its format, the music goes on on the
        null device, and moves back, with a fade of 10 ms, when a device opens again. Where another device becomes the
        default, the music moves there. The engine runs at the rate of whatever device it is on; nothing is resampled.

        An event sounds one block and less than a millisecond after its ``at_micros``, or at once where that has passed.

        Args:
            device: ``null`` (plays nowhere, in real time), ``wav`` (the same into a file), ``auto`` (JACK where a
                server runs, else the default device), ``jack``, or a device's name or part of it.
            host: ``jack``, ``alsa``, ``coreaudio``, ...; None for the usual one.
            wav_path: The file of the ``wav`` device.
            now_micros: The caller's clock, now, in microseconds; events' ``at_micros`` are read on that clock.
            patient: Whether to begin on the null device where the device is not there, and to wait for it.

        Returns:
            What was opened: ``host`` (str), ``name`` (str), ``rate`` (int, hertz) and ``frames`` (int). Rate and
            frames are the device's and may differ from what was asked.

        Raises:
            OSError: The file cannot be opened, or the device, and ``patient`` is false.
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
            ``lost`` (bool): whether it has gone.
            ``device`` (dict): ``state`` (``playing``, ``lost``: the null device plays meanwhile, or ``closed``),
            ``host``, ``name``, ``rate``, ``frames`` of the present device, ``trouble`` (what is wrong, or empty),
            ``losses`` and ``moves`` (how often a device was lost, and was moved to), ``measured_rate``
            (float, hertz of the caller's clock).
            ``thrift`` (int): what is saved to stay in time, 0 nothing to 4 all that can be.
            ``thrifty`` (int): callbacks after which something was saved.
            ``relocks`` (int): times the loop that tells the time began anew, at the start and after gaps.
            ``callbacks``, ``frames`` (int): callbacks and frames rendered so far.
            ``xruns`` (int): ``overruns`` (callbacks that took longer than their block lasts) and ``backend_xruns``
            (gaps the device reported) together; both are there as well.
            ``voices`` (int): notes sounding. ``stolen`` (int): notes faded out early because the pool was full.
            ``events`` (int): events carried out. ``late`` (int): of these, those that came after their time and
            were played at once. ``dropped`` (int): events lost for want of room. ``ignored`` (int): events that meant
            nothing here. ``overflows`` (int): times every sound was ended because an ending had been lost.
            ``broken_chunks`` (int): chunks thrown away because they held something that is no number.
            ``late_tails`` (int): blocks of the hall's late sound that were not ready in time, and left out.
            ``peaks`` (dict of str to float): highest sample, 1 is full scale, of each part and of ``master`` since
            the last call. ``rms`` (the same): root mean square over about 0.3 s.
            ``limiter_gain`` (float): deepest gain of the limiter in the last callback; 1 when idle.
            ``callback_p50_micros``, ``callback_p99_micros``, ``callback_p999_micros``, ``callback_max_micros`` (float):
            how long callbacks take; the quantiles are rounded up by nine percent at most. ``load_p50_percent`` ...:
            the same as a share of the block's time, the deadline at 100. ``jitter_p50_micros`` ...: how far from the
            expected moment callbacks begin.
            ``callback_histogram``, ``load_histogram``, ``jitter_histogram`` (list of (float, int)): upper end and count
            of each bucket that is not empty, in the same units.
        """

@final
class OracleKernel:
    """Learns chords one event at a time and foresees the next ones. Deterministic; its memory never grows.

    Chords are tokens: 7 times the root plus the family (maj, min, 7, maj7, min7, dim, sus); 84 is no chord.
    """

    def __new__(
        cls, grid: str, beats_per_bar: int, tables: bytes | None = None, habit: Sequence[float] | None = None
    ) -> OracleKernel:
        """An oracle that has heard nothing.

        Args:
            grid: What an event is: ``beats``, ``changes`` (the same chord never follows itself) or ``bars``.
            beats_per_bar: Events a bar, 1 to 64.
            tables: What ``train_oracle`` returned for this grid.
            habit: Without tables: 7 x 85 weights of the next chord seen from the present root, by the present family,
                then 4 x 16 chances that the chord changes, by place in the bar and length so far.

        Raises:
            ValueError: An argument is out of range, or the tables are broken or of another grid.
        """

    def observe(self, token: int) -> None:
        """Learns the next event.

        Raises:
            ValueError: No such token.
        """

    def time_steps(self, tokens: bytes) -> list[int]:
        """Learns events one after the other, each foreseen before it comes; how many nanoseconds each took.

        Raises:
            ValueError: No such token; those before it were learnt.
        """

    def foresee(self, steps: int) -> bytes:
        """What is expected of the next ``steps`` (1 to 64) events: 85 32-bit floats each, little-endian.

        Raises:
            ValueError: Steps out of range.
        """

    def foresee_after(self, token: int, steps: int) -> bytes:
        """The same of the events after the next one, were that one ``token``. Learns nothing.

        Raises:
            ValueError: Steps or token out of range.
        """

    def foresee_cold(self) -> bytes:
        """What the trained tables alone say of the next event, from the last few chords."""

    def period(self) -> tuple[int, float]:
        """The period of late, in events (0: none), and the share of late events that agreed with it."""

    def set_meter(self, beats_per_bar: int, position: int = 0) -> None:
        """The next event stands at ``position`` in a bar of ``beats_per_bar`` events.

        Raises:
            ValueError: The bar is out of range.
        """

    def elapse(self, chords: bytes, bar: int) -> None:
        """So many beats passed since the last event began, on these chords, a token each; now the next event begins.

        For events that are no beats. ``bar`` is the length of a bar, 1 to 64 beats.

        Raises:
            ValueError: A token or the bar is out of range.
        """

    def leave_out(self, expert: str) -> None:
        """An expert, named as in `statistics`, is not believed any more: to find out what it is worth.

        Raises:
            ValueError: No such expert.
        """

    def end_song(self) -> None:
        """Another song begins; what was heard stays known."""

    def save(self) -> bytes:
        """Everything that was heard."""

    def load(self, saved: bytes) -> None:
        """Becomes what was saved, the same to the last bit.

        Raises:
            ValueError: These bytes are no memory of this grid; nothing has changed.
        """

    def merge(self, saved: bytes) -> None:
        """Takes over those songs of a memory that are not known yet, as heard before all others.

        Raises:
            ValueError: These bytes are no memory of this grid; nothing has changed.
        """

    def statistics(self) -> dict[str, object]:
        """How it is.

        Returns:
            ``events`` and ``capacity`` (int): events remembered, and the most there can be. ``loss`` (float): nats an
            event, of late. ``losses`` (dict of str to float): the same of each expert.
        """

def train_oracle(
    grid: str,
    songs: Sequence[tuple[bytes, bytes, int, int | None, int, bytes, Sequence[int], int]],
    *,
    seed: int,
    epochs: int = 8,
    worth: float = 4.0,
) -> tuple[bytes, list[list[float]]]:
    """Trains one grid's tables; lets other threads run meanwhile.

    Args:
        grid: ``beats``, ``changes`` or ``bars``.
        songs: Tokens, the place of each in the bar, events a bar, key (0 to 11 major, 12 to 23 minor) or None, and a
            group: songs of one group are versions of each other and never part learnt, part tested. Then the token of
            each beat, the beat on which each event begins, or nothing where nobody knows, and beats a bar.
        seed: The same seed and songs give the same tables.
        epochs: Times through the songs.
        worth: Contexts that say less more than more general ones, in nats over all songs, are left out.

    Returns:
        The tables, and for each epoch the bits an event of each gate.

    Raises:
        ValueError: A song or the grid is not what it should be.
    """

@final
class JackMidiProbe:
    """Asks a JACK server which MIDI ports there are; made as a client named ``client``.

    Raises:
        OSError: No server answers, it refuses the client, or this was built without JACK.
    """

    def __new__(cls, client: str) -> JackMidiProbe: ...
    def sources(self) -> list[str]:
        """Ports that can be listened to."""

    def destinations(self) -> list[str]:
        """Ports that can be sent to."""

    def block_micros(self) -> int:
        """How long a block lasts."""

    def abandon(self) -> None:
        """Forgets about a server that has died."""

    def close(self) -> None:
        """Leaves the server. Twice does no harm."""

@final
class JackMidiIn:
    """A MIDI input ``port`` of a client of its own, connected to ``source`` if there is one.

    A byte is written to the stream socket ``wake_fd`` when something came in and everything before has been read. The
    socket is duplicated.

    Raises:
        OSError: No server answers, or it refuses the client, the port or the connection.
        ValueError: ``wake_fd`` is negative.
    """

    def __new__(cls, client: str, port: str, wake_fd: int, source: str | None = None) -> JackMidiIn: ...
    def read(self) -> list[tuple[bytes, int]]:
        """Everything heard since: messages, each with how many microseconds ago it was played."""

    @property
    def is_alive(self) -> bool:
        """Whether the server still has the client."""

    @property
    def lost(self) -> int:
        """Messages for which there was no room (1024), or longer than 246 bytes."""

    def close(self) -> None:
        """Leaves the server. Twice does no harm."""

@final
class JackMidiOut:
    """A MIDI output ``port`` of a client of its own, connected to ``destination`` if there is one.

    Raises:
        OSError: No server answers, or it refuses the client, the port or the connection.
    """

    def __new__(cls, client: str, port: str, destination: str | None = None) -> JackMidiOut: ...
    def send(self, data: bytes, delay_micros: int) -> None:
        """One whole message, to be on the wire in ``delay_micros``, to the sample; in a block at the soonest.

        Raises:
            OSError: It is empty or too long, too many wait, the port is closed, or the server is gone.
        """

    def close(self) -> None:
        """Waits for the last messages (150 ms at most), and leaves the server. Twice does no harm."""

@type_check_only
class HeardSpan(Protocol):
    """A note that sounded: microseconds; `end` None where it still does, `lifted` None while its key is down."""

    @property
    def pitch(self) -> int: ...
    @property
    def velocity(self) -> int: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int | None: ...
    @property
    def lifted(self) -> int | None: ...

def weigh_notes(
    heard: Sequence[HeardSpan], start: int, end: int, ringing_weight: float, scales: tuple[float, float, int, float]
) -> tuple[tuple[float, ...], tuple[float, ...], int]:
    """Weighs what sounded from `start` until `end`, in microseconds.

    Args:
        heard: Notes; those that ended before `start` are passed over.
        start: Where the window begins.
        end: Where it ends.
        ringing_weight: What a note from before whose key is up counts, 0 to 1.
        scales: After how many microseconds a note has lost half its weight; what beginning in the window counts for;
            how many semitones above the rest the top note is a melody; what it counts for then.

    Returns:
        Weights of the twelve pitch classes, of each being the bass, and how many different keys took part.
    """

def see_beat(heard: Sequence[HeardSpan], start: int, length: int, now: int) -> tuple[bytes, list[float]]:
    """What the chord net sees of a beat that began at `start`, is `length` long and was heard until `now`.

    Returns:
        16 rows of twelve 32-bit floats, and eight facts (see ``realtime.core.chord_features``), all 0 to 1.
    """

def fuse_chords(logs: bytes, expected: bytes, share: float, least: float) -> bytes:
    """A distribution (64-bit floats) out of log-probabilities and what was expected, which may be empty.

    The logarithm of what was expected, plus `least`, counts `share`.

    Raises:
        ValueError: The bytes are no 64-bit floats.
    """

def likeliest_chords(rows: bytes, group_of: bytes) -> list[tuple[float, int]]:
    """For each row of 64-bit floats the mass of its likeliest group of tokens, and that group's likeliest token.

    Raises:
        ValueError: `group_of` is empty or has a group above 63, or the rows are no 64-bit floats.
    """

@final
class ChordKernel:
    """The chord net (see ``realtime.core.chord_net``). One thread's."""

    def __new__(cls, tensors: Mapping[str, bytes], facts: int) -> ChordKernel:
        """Takes the tensors, as 32-bit floats, of a net that sees so many facts.

        Raises:
            KeyError: A tensor is missing.
            ValueError: They do not fit together.
        """

    def judge(self, channels: bytes, facts: bytes, state: bytes) -> tuple[bytes, bytes]:
        """One step: log-probabilities (64-bit floats) and the next state; what goes in are 32-bit floats.

        Raises:
            ValueError: Something is not as long as this net wants it.
        """

@final
class KeyKernel:
    """The key filter (see ``realtime.core.key_filter``). One thread's."""

    def __new__(cls, tables: Mapping[str, Sequence[float]]) -> KeyKernel:
        """Takes what was fitted.

        Raises:
            KeyError: A table is missing.
            ValueError: They do not fit together.
        """

    def hear(self, notes: Sequence[float], bass: Sequence[float]) -> list[float]:
        """A beat later, with the weights of the pitch classes and of the basses in it; the basses' shares.

        Raises:
            ValueError: They are not twelve numbers each.
        """

    def states(self) -> list[float]:
        """How likely each state is: 72 keys and noise."""

@final
class MelodyKernel:
    """The filter that finds chords for a melody (see ``realtime.core.harmoniser``). One thread's."""

    def __new__(cls, change: bytes, follow: bytes, notes: bytes, usual: bytes) -> MelodyKernel:
        """Takes tables of 64-bit floats: 3, 2 x 85 x 85, 2 x 85 x 12 (logarithms) and 2 x 85.

        Raises:
            ValueError: One has another size.
        """

    def hear(self, melody: bytes, keys: bytes, strength: int, heard: bytes | None = None) -> bytes:
        """A beat is over: how likely each of the 85 tokens is now, 64-bit floats.

        Args:
            melody: How long each pitch class was heard, in beats: 12 64-bit floats.
            keys: How likely each key is: 24 of them.
            strength: 0 at a bar line, 1 at a half-bar, 2 elsewhere.
            heard: What was heard instead of a melody, over the tokens.

        Raises:
            ValueError: Something has another size or is out of range.
        """

    def look_ahead(
        self,
        strengths: Sequence[int],
        expected: bytes,
        oracle_weight: float,
        recalled: bytes,
        recall_weight: float,
        struck: int | None = None,
    ) -> bytes:
        """How likely each token is on the coming beats: a row of 85 64-bit floats for each of `strengths`.

        Args:
            strengths: How strong each beat is, 0 to 2, the present one first.
            expected: What the oracle expects of the first of them, rows of 85.
            oracle_weight: What that counts.
            recalled: The melody that may come again, rows of 12.
            recall_weight: What a note of it counts.
            struck: The pitch class that the present beat has begun with.

        Raises:
            ValueError: Something has another size or is out of range.
        """

@final
class Chance:
    """Seeded chance without a state: equal seeds and questions have equal answers. Any thread's."""

    def __new__(cls, seed: int | None = None) -> Chance:
        """Counts the lowest 64 bits of `seed`; none is 0."""

    @property
    def seed(self) -> int:
        """What counts of the seed."""

    def uniform(self, *what_for: int | str) -> float:
        """A number in [0, 1), always the same for the same seed and keys (strings count by their first 8 bytes)."""

    def bell(self, *what_for: int | str) -> float:
        """About normal, mean 0, standard deviation 1, within ±3.5: the sum of four uniforms."""

    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...

def lead_voices(
    chords: Sequence[Sequence[int]],
    before: Sequence[int],
    gaps: tuple[int, int, int],
    is_dropped: bool,
    reach: tuple[int, int],
    crowd: Sequence[float],
) -> tuple[int, ...]:
    """The voicing, keys from the lowest up, of the first of `chords` on the cheapest way through all of them.

    Args:
        chords: Pitch classes, eight a chord at most.
        before: The voicing that the hand comes from; none at the beginning.
        gaps: The smallest and largest distance between neighbours that sound like the family, and the widest span.
        is_dropped: Whether the lowest two are wide apart.
        reach: The lowest and the highest key.
        crowd: How much each of the 128 keys is the player's, 0 to 1; empty for nobody's.

    Raises:
        ValueError: Something is out of range.
    """

def walk(
    tones: Sequence[int],
    scale: Sequence[int],
    before: Sequence[int],
    beats: int,
    target: int | None,
    reach: tuple[int, int],
    chance: Chance,
    what_for: tuple[int | str, ...],
) -> int:
    """The next key of a walking bass over the pitch classes `tones` and `scale`, after the keys `before`.

    `beats` more beats of the chord follow, then the bass `target`, a pitch class, if it is known.

    Raises:
        ValueError: `before` is empty, or there is nowhere to go.
    """
