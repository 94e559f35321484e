"""A player for tests: chords in time on a virtual keyboard."""

from realtime.core.chord import parse_chord
from realtime.core.events import ActionRequested, MidiReceived, ParameterSet, Stamped
from realtime.core.offline import play
from realtime.core.units import Micros

TEMPO_BPM = 100.0
BEAT = 600_000


def keys_of(symbol, octave=4):
    """The keys for a chord: its bass low down, its notes round the middle."""
    chord = parse_chord(symbol)
    return [36 + chord.bass, *sorted(12 * (octave + 1) + pc for pc in chord.pitch_classes)]


def press(at, pitch, velocity=80):
    return Stamped(Micros(at), MidiReceived("in", bytes([0x90, pitch, velocity])))


def lift(at, pitch):
    return Stamped(Micros(at), MidiReceived("in", bytes([0x80, pitch, 0])))


def started():
    """The tempo set and the transport started at zero."""
    return [
        Stamped(Micros(0), ParameterSet("transport/tempo", TEMPO_BPM)),
        Stamped(Micros(0), ActionRequested("transport/start")),
    ]


def comping(symbols, beats_each=4, first_beat=0, velocity=80):
    """Each chord struck on its beat and held until just before the next."""
    script = []
    for index, symbol in enumerate(symbols):
        begin = (first_beat + index * beats_each) * BEAT
        for pitch in keys_of(symbol):
            script += [press(begin + 2_000, pitch, velocity), lift(begin + beats_each * BEAT - 30_000, pitch)]
    return sorted(script, key=lambda stamped: stamped.at)


def listen(heart, script, until):
    """What `heart` answers, as (time, event) from the first to the last."""
    return list(play(heart, script, Micros(until)))
