"""A player for tests: chords in time on a virtual keyboard."""

from collections import Counter

from realtime.core.chord import parse_chord
from realtime.core.events import ActionRequested, MidiReceived, NoteOff, NoteOn, ParameterSet, Stamped
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


def asked_in_steps(heart, script, until, steps):
    """What `heart` answers if it is asked after so many microseconds (`steps`, going round), not when it wishes."""
    asked, now, queue, turn = [], 0, list(script), 0
    while now < until:
        now = min(now + steps[turn % len(steps)], until)
        turn += 1
        while queue and queue[0].at <= now and queue[0].at < until:
            stamped = queue.pop(0)
            heart.receive(stamped.event, stamped.at)
        asked += heart.advance(Micros(now))
    return asked + heart.silence(until)


def in_order(outputs):
    """Outputs by time; at the same time by what they are, whatever the order in which they were told."""
    return sorted(outputs, key=lambda stamped: (stamped.at, repr(stamped.event)))


def notes_owed(outputs):
    """Every key with the number of note-ons not yet ended; checks on the way that none is ended twice."""
    owed = Counter()
    for stamped in sorted(outputs, key=lambda stamped: stamped.at):  # as a receiver gets them
        match stamped.event:
            case NoteOn(part, channel, pitch, _):
                owed[part, channel, pitch] += 1
                assert owed[part, channel, pitch] == 1
            case NoteOff(part, channel, pitch):
                owed[part, channel, pitch] -= 1
                assert owed[part, channel, pitch] == 0
    return +owed
