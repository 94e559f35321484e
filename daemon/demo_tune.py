"""The demo's performance: a ballad in E flat for two hands, written as data, played with human timing.

Verse, chorus, verse, chorus, eight bars each. The left hand plays bass and inner voices with pedal, the right
hand the tune. Pure: the same seed is the same performance, to the microsecond.
"""

from dataclasses import dataclass
from typing import Final

from daemon.midi_file import FILE_PORT, Script
from realtime.core.chance import Chance
from realtime.core.chord import Chord, parse_chord
from realtime.core.events import ActionRequested, Input, MidiReceived, ParameterSet, Stamped
from realtime.core.meter import Meter
from realtime.core.units import MICROS_PER_MINUTE, Micros

TEMPO_BPM: Final = 78.0
BEATS_PER_BAR: Final = 4

VERSE_CHORDS: Final = (
    "Ebmaj7", "Bb/D", "Cm7", "Bbm7 Eb7",
    "Abmaj7", "Gm7 C7", "Fm9", "Bb7sus4 Bb7",
)  # fmt: skip
CHORUS_CHORDS: Final = (
    "Abmaj7 Bb/Ab", "Gm7 Cm7", "Fm7 Bb7", "Eb Eb7/G",
    "Abmaj7 Adim7", "Eb/Bb C7", "Fm7 Bb7sus4", "Eb Bb7sus4",
)  # fmt: skip
LAST_CHORUS_CHORDS: Final = (*CHORUS_CHORDS[:7], "Eb")

# Tunes: for each bar the notes, each as beat:length:pitch (beats count from 0, lengths in beats).
VERSE_TUNE: Final = (
    "0.5:0.5:Bb4 1:1:Eb5 2:0.5:D5 2.5:0.5:Eb5 3:1:F5",
    "0:1.5:F5 1.5:0.5:D5 2:2:Bb4",
    "0.5:0.5:C5 1:1:Eb5 2:0.5:D5 2.5:0.5:Eb5 3:1:G5",
    "0:1:F5 1:0.5:Eb5 1.5:0.5:Db5 2:1:Db5 3:0.5:Bb4 3.5:0.5:Db5",
    "0:1.5:C5 1.5:0.5:Eb5 2:1.5:G5 3.5:0.5:Ab5",
    "0:1:G5 1:0.5:F5 1.5:0.5:D5 2:1:E5 3:0.5:G5 3.5:0.5:Bb5",
    "0:1.5:Ab5 1.5:0.5:G5 2:1:F5 3:0.5:Eb5 3.5:0.5:C5",
    "0:1.5:Eb5 1.5:0.5:F5 2:2:D5",
)
SECOND_VERSE_TUNE: Final = (
    "0.5:0.5:Bb4 1:1:Eb5 2:0.25:D5 2.25:0.25:Eb5 2.5:0.5:F5 3:1:G5",
    "0:1.5:F5 1.5:0.5:D5 2:1:Bb4 3:0.5:D5 3.5:0.5:F5",
    "0.5:0.5:Eb5 1:1:G5 2:0.5:F5 2.5:0.5:Eb5 3:1:G5",
    *VERSE_TUNE[3:7],
    "0:1.5:Eb5 1.5:0.5:F5 2:1:D5 3:0.5:F5 3.5:0.5:Bb5",
)
CHORUS_TUNE: Final = (
    "0:1.5:C6 1.5:0.5:Bb5 2:1:Bb5 3:0.5:F5 3.5:0.5:G5",
    "0:1.5:Bb5 1.5:0.5:G5 2:1.5:Eb5 3.5:0.5:F5",
    "0:1.5:Ab5 1.5:0.5:G5 2:1:F5 3:0.5:Ab5 3.5:0.5:D5",
    "0:1.5:Eb5 1.5:0.5:F5 2:1:G5 3:0.5:Bb5 3.5:0.5:Db6",
    "0:1.5:C6 1.5:0.5:Bb5 2:1:C6 3:0.5:A5 3.5:0.5:C6",
    "0:1.5:Bb5 1.5:0.5:G5 2:0.5:G5 2.5:0.5:Bb5 3:1:G5",
    "0:1:Ab5 1:0.5:G5 1.5:0.5:F5 2:1:Eb5 3:1:F5",
    "0:2.5:Eb5 3:0.5:Bb4 3.5:0.5:D5",
)
LAST_CHORUS_TUNE: Final = (*CHORUS_TUNE[:7], "0:1:G5 1:1:Bb5 2:2:Eb6")


@dataclass(frozen=True, slots=True)
class Section:
    """Eight bars: what is played, how loudly it begins and ends, and how busy the left hand is."""

    name: str
    chords: tuple[str, ...]
    tune: tuple[str, ...]
    loudness: tuple[int, int]
    pushes: bool


FORM: Final = (
    Section("verse", VERSE_CHORDS, VERSE_TUNE, (56, 66), pushes=False),
    Section("chorus", CHORUS_CHORDS, CHORUS_TUNE, (74, 80), pushes=True),
    Section("verse", VERSE_CHORDS, SECOND_VERSE_TUNE, (66, 78), pushes=False),
    Section("chorus", LAST_CHORUS_CHORDS, LAST_CHORUS_TUNE, (88, 70), pushes=True),
)


@dataclass(frozen=True, slots=True)
class _Note:
    beat: float
    length: float
    pitch: int
    velocity: float
    ahead: float = 0.0
    """Seconds by which it is meant to be early (late if negative): the spread of a rolled chord."""


def demo_script(seed: int = 0) -> Script:
    """The demo's performance as a script to be played to the band."""
    notes: list[_Note] = []
    pedals: list[float] = []
    voicing: tuple[int, ...] = (55, 58, 62)
    for index, section in enumerate(FORM):
        for bar, chords in enumerate(section.chords):
            start = float((index * 8 + bar) * BEATS_PER_BAR)
            begin, end = section.loudness
            loud = begin + (end - begin) * bar / 7
            notes += _tune(section.tune[bar], start, loud + 10)
            symbols = chords.split()
            span = BEATS_PER_BAR / len(symbols)
            for place, symbol in enumerate(symbols):
                chord = parse_chord(symbol)
                if chord is None:
                    continue
                at = start + place * span
                voicing = _inner_voices(chord, voicing)
                pedals.append(at)
                notes += _left_hand(chord, voicing, at, span, loud, pushes=section.pushes)
    return _performed(notes, pedals, Chance(seed))


def _pitch(name: str) -> int:
    chord = parse_chord(name[:-1])
    return (chord.root if chord else 0) + 12 * (int(name[-1]) + 1)


def _tune(text: str, start: float, loud: float) -> list[_Note]:
    notes: list[_Note] = []
    for note in text.split():
        beat, length, name = note.split(":")
        # A long note on a strong beat sings; a passing one is lighter.
        weight = 4.0 if float(length) >= 1 else -4.0
        notes.append(_Note(start + float(beat), float(length) * 0.96, _pitch(name), loud + weight, 0.008))
    return notes


def _inner_voices(chord: Chord, before: tuple[int, ...]) -> tuple[int, ...]:
    """Three notes below the tune, each as near as can be to where the voices were."""
    classes = [p for p in chord.pitch_classes if p != chord.bass] or list(chord.pitch_classes)
    guide = [p for p in classes if (p - chord.root) % 12 not in (0, 7)]  # thirds and sevenths first
    wanted = (guide + [p for p in classes if p not in guide])[:3]
    while len(wanted) < 3:
        wanted.append(wanted[0])
    chosen: list[int] = []
    for pitch_class in sorted(wanted, key=lambda p: min((p - b) % 12 for b in before)):
        options = [p for p in range(51, 68) if p % 12 == pitch_class and p not in chosen]
        chosen.append(min(options or [60], key=lambda p: min(abs(p - b) for b in before) + abs(p - 58) / 8))
    return tuple(sorted(chosen))


def _left_hand(
    chord: Chord, voices: tuple[int, ...], at: float, span: float, loud: float, *, pushes: bool
) -> list[_Note]:
    """Bass and inner voices of one chord."""
    bass = 36 + (chord.bass - 36) % 12
    bass += 12 if bass < 38 else 0  # the lowest notes of a piano are mud under a ballad
    notes = [_Note(at, span * 0.95, bass, loud + 2, 0.004)]
    for place, pitch in enumerate(voices):
        notes.append(_Note(at, span * 0.9, pitch, loud - 12, -0.011 * place))
    fifth = next((bass + i for i in (7, 6, 12) if (bass + i) % 12 in chord.pitch_classes), bass + 12)
    if span > 2:
        notes.append(_Note(at + 1.5, 0.5, fifth, loud - 10))
        notes.append(_Note(at + 2, 1.9, bass + 12 if bass < 44 else fifth, loud - 8))
        notes += [_Note(at + 2, 1.8, pitch, loud - 16, -0.007 * i) for i, pitch in enumerate(voices)]
    if pushes:
        notes += [_Note(at + 1.5, 0.45, pitch, loud - 14) for pitch in voices[1:]]
    return notes


def _performed(notes: list[_Note], pedals: list[float], chance: Chance) -> Script:
    """The notes as hands play them: off the grid by a breath, never twice the same."""
    quarter = MICROS_PER_MINUTE / TEMPO_BPM
    moments: list[tuple[int, int, bytes]] = []
    for index, note in enumerate(notes):
        bar = int(note.beat // BEATS_PER_BAR)
        # Hands lean forward over some bars and lie back over others, slowly, and tremble a little.
        lean = 0.006 * chance.bell("lean", bar // 2) + 0.006 * chance.bell("shake", index)
        at = max(0, round(note.beat * quarter + (lean - note.ahead) * 1_000_000))
        off = at + round(note.length * quarter)
        velocity = max(1, min(127, round(note.velocity + 2.5 * chance.bell("touch", index))))
        moments.append((at, 2, bytes([0x90, note.pitch, velocity])))
        moments.append((off, 0, bytes([0x80, note.pitch, 0])))
    for beat in pedals:
        # Legato pedalling: up just as the new chord is struck, down once the old one is gone.
        up = round(beat * quarter) + 20_000
        moments.append((up, 1, bytes([0xB0, 64, 0])))
        moments.append((up + 90_000, 1, bytes([0xB0, 64, 127])))
    end = max(at for at, _, _ in moments)
    moments.append((end + 1, 1, bytes([0xB0, 64, 0])))
    return _script(_untangled(moments), len(notes))


def _untangled(moments: list[tuple[int, int, bytes]]) -> list[tuple[int, bytes]]:
    """In order of time, and with no key struck while it is down: it is let go just before."""
    result: list[tuple[int, bytes]] = []
    down: dict[int, int] = {}
    for at, _, data in sorted(moments, key=lambda moment: (moment[0], moment[1], moment[2])):
        pitch = data[1]
        if data[0] == 0x90:
            if down.get(pitch, 0):
                result.append((at, bytes([0x80, pitch, 0])))
            down[pitch] = down.get(pitch, 0) + 1
        elif data[0] == 0x80:
            down[pitch] -= 1
            if down[pitch]:
                continue  # the key was struck again meanwhile; that stroke's own end will let it go
        result.append((at, data))
    return result


def _script(moments: list[tuple[int, bytes]], notes: int) -> Script:
    opening: list[Input] = [
        ParameterSet("transport/tempo", TEMPO_BPM),
        ActionRequested("transport/meter", (BEATS_PER_BAR, 4)),
        ActionRequested("transport/start"),
    ]
    inputs = [Stamped(Micros(0), event) for event in opening]
    inputs += [Stamped(Micros(at), MidiReceived(FILE_PORT, data)) for at, data in moments]
    return Script(tuple(inputs), inputs[-1].at, notes, Meter(BEATS_PER_BAR, 4), TEMPO_BPM)
