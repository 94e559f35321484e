"""What OSC tells of how things stand: `/sideman/state` of the music, `/sideman/sound` of the device."""

from typing import Final

from realtime.core.osc_codec import PREFIX, OscMessage
from realtime.core.snapshot import Snapshot
from realtime.edges.engine_statistics import EngineStatistics

HISTOGRAM_BUCKETS: Final = 30
"""Of a histogram, the highest so many: what counts is near the deadline, and a datagram is small."""


def state_message(snapshot: Snapshot, sound: EngineStatistics | None) -> OscMessage:
    """`/sideman/state`: playing, bar, beat, tempo, chord, key; and, where there is an engine, what is wrong with it."""
    values = (
        int(snapshot.playing),
        snapshot.bar,
        snapshot.beat,
        float(snapshot.tempo_bpm),
        snapshot.chord,
        snapshot.key,
    )
    return PREFIX + "state", values if sound is None else (*values, sound.trouble)


def sound_message(sound: EngineStatistics) -> OscMessage:
    """`/sideman/sound`: state, device, losses, xruns, late events, load in percent (p50, p99, p99.9, worst), thrift."""
    counts = (sound.losses, sound.xruns, sound.late)
    loads = (sound.load_p50, sound.load_p99, sound.load_p999, sound.load_worst)
    return PREFIX + "sound", (sound.state, sound.device, *counts, *map(float, loads), sound.thrift)


def histogram_message(sound: EngineStatistics) -> OscMessage:
    """`/sideman/sound/histogram`: how often callbacks took up to so many percent of their block's time, in pairs."""
    pairs = sound.load_histogram[-HISTOGRAM_BUCKETS:]
    return PREFIX + "sound/histogram", tuple(value for end, count in pairs for value in (float(end), count))
