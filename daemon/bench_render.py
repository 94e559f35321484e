"""`sideman bench render --soundfont`: what our SoundFont player costs, and FluidSynth beside it where there is one.

Both render the same files in turn, several times over, on one core each; what counts is the median of the processor
time they took. FluidSynth's start, measured with a file without notes, is taken off. Its figures are its program's own,
with the polyphony, rate and effects that ours has.
"""

import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from daemon.bench import Say, report
from daemon.midi_file import mido_module
from daemon.midi_song import read_messages
from realtime.edges.engine import dsp
from realtime.edges.soundfont import load_soundfont, pack_midi

RATE: Final = 48_000
POLYPHONY: Final = 256
BLOCK_FRAMES: Final = 64
CROWDS: Final = (256, 1024, 2048, 4096, 8192, 12_288, 16_384, 24_576)
"""Voices that are tried, until their blocks take longer than they last."""
CROWD_PASSES: Final = 7
WAV_HEADER_BYTES: Final = 44
WAV_FRAME_BYTES: Final = 4


def bench_with_soundfont(soundfont: Path, files: Sequence[Path], repeats: int, say: Say) -> dict[str, Any]:
    """Figures of each file (of two made-up ones, where none is given), of note-ons, and of standing crowds.

    Raises:
        BadSoundFont: the SoundFont cannot be read.
        MidiFileError: a file cannot be read.
        EngineUnavailable: the sound engine is not built.
    """
    return report("render", lambda: _figures(soundfont, files, repeats, say))


def _figures(soundfont: Path, files: Sequence[Path], repeats: int, say: Say) -> dict[str, Any]:
    font = load_soundfont(soundfont)
    with tempfile.TemporaryDirectory(prefix="sideman-bench-") as folder:
        rival = Rival.find(soundfont, Path(folder))
        if rival is None:
            say("FluidSynth is not installed: there is nothing to compare with")
        songs = list(files) or made_up_songs(Path(folder))
        figures = {song.name: _song(font, song, rival, repeats) for song in songs}
    notes = dsp().measure_notes(font, rate=RATE, polyphony=POLYPHONY)
    return {
        "soundfont": soundfont.name,
        "files": figures,
        "note_on_micros": _rounded(notes),
        "crowd": _crowds(font),
    }


class Rival:
    """FluidSynth's program with a SoundFont."""

    def __init__(self, program: str, soundfont: Path, folder: Path) -> None:
        self._command = [program, "-q", "-ni", "-r", str(RATE), "-o", f"synth.polyphony={POLYPHONY}", "-O", "s16"]
        self._command += ["-T", "wav", "-F", str(folder / "rival.wav")]
        self._wav = folder / "rival.wav"
        self._soundfont = soundfont
        silence = folder / "silence.mid"
        mido = mido_module()
        mido.MidiFile(tracks=[mido.MidiTrack()]).save(silence)
        self._start = statistics.median(self._cpu_seconds(silence, effects=True) for _ in range(3))

    @classmethod
    def find(cls, soundfont: Path, folder: Path) -> "Rival | None":
        """FluidSynth, if it is installed."""
        program = shutil.which("fluidsynth")
        return None if program is None else cls(program, soundfont, folder)

    def load(self, song: Path, *, effects: bool) -> float:
        """Processor seconds for a second of audio."""
        cpu = self._cpu_seconds(song, effects=effects) - self._start
        frames = (self._wav.stat().st_size - WAV_HEADER_BYTES) // WAV_FRAME_BYTES
        return cpu / max(1e-3, frames / RATE)

    def _cpu_seconds(self, song: Path, *, effects: bool) -> float:
        switch = "1" if effects else "0"
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        command = [*self._command, "-R", switch, "-C", switch, str(self._soundfont), str(song)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def _song(font: object, song: Path, rival: Rival | None, repeats: int) -> dict[str, Any]:
    events = pack_midi(read_messages(song))
    figures: dict[str, Any] = {}
    for name, effects in (("with_effects", True), ("dry", False)):
        ours, rivals, info = [], [], {"voice_frames": 0}
        frames = 0
        for _ in range(repeats):
            if rival is not None:
                rivals.append(rival.load(song, effects=effects))
            began = time.process_time()
            samples, info = dsp().render_midi(font, events, rate=RATE, effects=effects, polyphony=POLYPHONY)
            cpu = time.process_time() - began
            frames = len(samples) // 8
            ours.append(cpu / (frames / RATE))
        load = statistics.median(ours)
        blocks = dsp().measure_midi(
            font, events, rate=RATE, effects=effects, polyphony=POLYPHONY, frames=BLOCK_FRAMES, passes=repeats
        )
        figures[name] = {
            "cpu_seconds_a_second": round(load, 5),
            "x_realtime": round(1 / load),
            "mean_voices": round(info["voice_frames"] / frames, 1),
            "nanos_a_voice_sample": round(load * frames / RATE * 1e9 / max(1, info["voice_frames"]), 2),
            "block_micros": _rounded(blocks),
        }
        if rivals:
            theirs = statistics.median(rivals)
            figures[name]["fluidsynth_cpu_seconds_a_second"] = round(theirs, 5)
            figures[name]["times_less_than_fluidsynth"] = round(theirs / load, 2)
    return figures


def _crowds(font: object) -> dict[str, Any]:
    """Crowds of held notes with effects, and the largest that one core keeps up with, block by block."""
    deadline = BLOCK_FRAMES / RATE * 1e6
    figures: dict[str, Any] = {}
    most = 0
    for wanted in CROWDS:
        times = dsp().measure_crowd(font, wanted, rate=RATE, frames=BLOCK_FRAMES, passes=CROWD_PASSES)
        voices = int(times.pop("voices"))
        if voices <= most or voices == 0:
            break
        nanos = round(times["p50"] * 1e3 / (voices * BLOCK_FRAMES), 2)
        figures[f"{voices}_voices"] = {"block_micros": _rounded(times), "nanos_a_voice_sample": nanos}
        if times["p99"] > deadline:
            break
        most = voices
    return {**figures, "real_time_voices": most}


def _rounded(times: dict[str, float]) -> dict[str, Any]:
    return {name: round(value, 2) for name, value in times.items()}


def made_up_songs(folder: Path) -> list[Path]:
    """Two songs of twenty seconds: a few voices, and as many as there may be."""
    few = [(0, 0), (2, 33), (9, 0)]
    many = [(channel, program) for channel, program in enumerate(range(40, 56)) if channel != 9]
    paths = []
    for name, parts, size in (("few_voices", few, 3), ("many_voices", many, 8)):
        file = mido_module().MidiFile(tracks=[_track(channel, program, size) for channel, program in parts])
        paths.append(folder / f"{name}.mid")
        file.save(paths[-1])
    return paths


def _track(channel: int, program: int, size: int) -> Any:  # noqa: ANN401 - mido has no types
    """Forty half-bar chords of so many notes, each channel a little beside the others."""
    mido = mido_module()
    track = mido.MidiTrack([mido.Message("program_change", channel=channel, program=program)])
    rest = 10 * channel
    for beat in range(40):
        keys = [36 + (7 * channel + 5 * beat + 4 * n) % 48 for n in range(size)]
        for n, key in enumerate(keys):
            track.append(mido.Message("note_on", channel=channel, note=key, velocity=90, time=0 if n else rest))
        for n, key in enumerate(keys):
            track.append(mido.Message("note_off", channel=channel, note=key, time=0 if n else 400))
        rest = 80
    return track
