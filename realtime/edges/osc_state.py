"""What OSC tells of how things stand: `/sideman/state` of the music, `/sideman/sound` of the device."""

from typing import Final

from realtime.core.osc_codec import PREFIX, OscMessage
from realtime.core.snapshot import Snapshot
from realtime.edges.engine_statistics import EngineStatistics

HISTOGRAM_BUCKETS: Final = 30
"""Of a histogram, the highest so many: what counts is near the deadline, and a datagram is small."""


def standing(snapshot: Snapshot, sound: EngineStatistics | None, *, histogram: bool = False) -> list[OscMessage]:
    """How everything stands."""
    messages = [state_message(snapshot, sound)]
    if snapshot.latency:
        messages.append(latency_message(snapshot))
    if sound is not None:
        messages += [sound_message(sound), *([histogram_message(sound)] if histogram else [])]
    return messages


def state_message(snapshot: Snapshot, sound: EngineStatistics | None) -> OscMessage:
    """`/sideman/state`: playing, bar, beat, tempo, chord, key, and what is wrong (empty if nothing is)."""
    troubles = (*snapshot.troubles, *([sound.trouble] if sound is not None and sound.trouble else []))
    return PREFIX + "state", (
        int(snapshot.playing),
        snapshot.bar,
        snapshot.beat,
        float(snapshot.tempo_bpm),
        snapshot.chord,
        snapshot.key,
        "; ".join(troubles),
    )


def latency_message(snapshot: Snapshot) -> OscMessage:
    """`/sideman/latency`: how long inputs waited (p50 and p99, ms), notes sent, of these late, the latest by (ms)."""
    told = snapshot.latency
    times = tuple(float(told.get(name, 0.0)) for name in ("input_p50_ms", "input_p99_ms"))
    counts = tuple(int(told.get(name, 0)) for name in ("notes", "late_notes"))
    return PREFIX + "latency", (*times, *counts, float(told.get("worst_late_ms", 0.0)))


def sound_message(sound: EngineStatistics) -> OscMessage:
    """`/sideman/sound`: state, device, losses, xruns, late events, load in percent (p50, p99, p99.9, worst), thrift."""
    counts = (sound.losses, sound.xruns, sound.late)
    loads = (sound.load_p50, sound.load_p99, sound.load_p999, sound.load_worst)
    return PREFIX + "sound", (sound.state, sound.device, *counts, *map(float, loads), sound.thrift)


def histogram_message(sound: EngineStatistics) -> OscMessage:
    """`/sideman/sound/histogram`: how often callbacks took up to so many percent of their block's time, in pairs."""
    pairs = sound.load_histogram[-HISTOGRAM_BUCKETS:]
    return PREFIX + "sound/histogram", tuple(value for end, count in pairs for value in (float(end), count))
