"""The bassist: roots with the kick, fifths and octaves between, and a step into the next chord."""

from collections.abc import Sequence
from typing import Final

from realtime.core.band.note import BandNote, Moment
from realtime.core.band.walking import Line, next_step
from realtime.core.chord import QUALITIES, Chord, is_same_harmony
from realtime.core.style import BASS_STEPS, EXACT_STEPS
from realtime.core.units import Ticks

LOWEST: Final = 28
HIGHEST: Final = 50
"""The open E string, and the D on the twelfth fret of the fourth string and a bit: where a bass is a bass."""

HOME: Final = 36

AS_WRITTEN: Final = 0.5
"""The density at which the rows are played as they are written."""

DEGREES: Final = {
    "1": (0,), "2": (2, 1), "3": (3, 4), "4": (5, 6), "5": (7, 6, 8), "6": (9, 8), "7": (10, 11, 9),
}  # fmt: skip
"""Semitones above the root, those of the chord preferred; the first where the chord has none and may be played over."""


def nearest(pitch_class: int, to: int, low: int = LOWEST, high: int = HIGHEST) -> int:
    """The pitch of `pitch_class` within low..high that lies nearest `to`; the lower of two."""
    candidates = [pitch for pitch in range(low, high + 1) if pitch % 12 == pitch_class]
    return min(candidates, key=lambda pitch: (abs(pitch - to), pitch))


def play_bass(moment: Moment, line: Line) -> list[BandNote]:
    """The bass notes of one beat; `line` is what was played last, one pitch or two, the last one last."""
    if moment.chord is None:
        return []
    notes: list[BandNote] = []
    for step in range(moment.first_step, moment.first_step + moment.style.steps_per_beat):
        mark = moment.mark(moment.groove.bass, step)
        if mark not in BASS_STEPS and moment.states_chord(step, mark):
            mark = "b"  # a new chord is always stated, whatever the row holds there
        if _is_busier(moment, mark, step):
            mark = _link(moment, step)
        if mark in BASS_STEPS and _wanted(moment, step):
            pitch = _pitch(moment, mark, line, is_first=step == moment.first_step)
            notes.append(_note(moment, step, pitch))
            line = (*line, pitch)[-2:]
    return notes


def _is_accent(moment: Moment, step: int) -> bool:
    """The one, and the middle of the bar where there is one."""
    steps = moment.style.steps_per_bar
    return step % (steps // 2 if moment.style.meter.beats_per_bar % 2 == 0 else steps) == 0


def _wanted(moment: Moment, step: int) -> bool:
    """Below half the density the bass leaves notes out; never an accent, nor what states a chord."""
    density = moment.density.get("bass", AS_WRITTEN)
    states = step == moment.first_step and moment.chord_changes
    if density >= AS_WRITTEN or states or _is_accent(moment, step):
        return True
    return moment.chance.uniform(moment.bar, step, "bass") < density / AS_WRITTEN


def _is_busier(moment: Moment, mark: str, step: int) -> bool:
    """Above half the density the bass adds notes off the beat, where the row rests or holds."""
    density, per_beat = moment.density.get("bass", AS_WRITTEN), moment.style.steps_per_beat
    is_off_beat = step - moment.first_step == per_beat - max(1, per_beat // 2)
    if density <= AS_WRITTEN or mark not in ".-" or not is_off_beat or moment.tacet or moment.hedge is not None:
        return False
    return moment.chance.uniform(moment.bar, step, "busier") < (density - AS_WRITTEN) / AS_WRITTEN


def _link(moment: Moment, step: int) -> str:
    """What an added note plays: the way into the next chord, or the fifth or the octave of this one."""
    after = moment.chord_after
    if after is not None and moment.chord is not None and after.bass != moment.chord.bass:
        return "a"
    return "5" if moment.chance.uniform(moment.bar, step, "link") < 0.5 else "8"


def _pitch(moment: Moment, mark: str, line: Line, *, is_first: bool) -> int:
    chord, last_pitch = moment.chord, line[-1]
    assert chord is not None
    if moment.hedge is not None and moment.hedge.bass is not None:
        return nearest(moment.hedge.bass, (last_pitch + HOME) // 2)
    if is_first and moment.chord_changes and mark == "w":
        return nearest(chord.bass, (3 * last_pitch + HOME) // 4)  # where the line was going, if it is not far from home
    if is_first and moment.chord_changes:
        mark = "b"
    if mark == "a":
        return _approach(moment, chord, last_pitch)
    if mark == "w":
        return walk(moment, chord, line)
    if mark == "b":
        return nearest(chord.bass, (last_pitch + HOME) // 2)
    root = nearest(chord.root, (last_pitch + HOME) // 2)
    if mark == "8":
        return root + 12 if root + 12 <= HIGHEST else root
    return nearest(degree_of(chord, mark, moment.key.scale if moment.key else ()), last_pitch)


def degree_of(chord: Chord, mark: str, scale: Sequence[int] = ()) -> int:
    """The pitch class of a degree of the chord; a third, fifth or seventh it lacks becomes its root.

    Other degrees it lacks are the scale's, where that has them; an exact step is itself.
    """
    if mark in EXACT_STEPS:
        return (chord.root + EXACT_STEPS[mark]) % 12
    wanted = DEGREES[mark]
    intervals = QUALITIES[chord.quality].intervals
    of_the_key = (i for i in wanted if (chord.root + i) % 12 in scale)
    otherwise = 0 if mark in "1357" else next(of_the_key, wanted[0])
    return (chord.root + next((i for i in wanted if i in intervals), otherwise)) % 12


def _approach(moment: Moment, chord: Chord, last_pitch: int) -> int:
    """A note that leads to the next bass: a step of the scale beside it where there is one, else a semitone below."""
    after = moment.chord_after
    if after is None or after.bass == chord.bass:
        return nearest(degree_of(chord, "5"), last_pitch)
    target = nearest(after.bass, last_pitch)
    from_below = last_pitch < target
    scale = moment.key.scale if moment.key else ()
    offsets = (-2, -1, 2, 1) if from_below else (2, 1, -2, -1)
    for offset in offsets:
        if (target + offset) % 12 in scale and LOWEST <= target + offset <= HIGHEST and target + offset != last_pitch:
            return target + offset
    return max(LOWEST, target - 1)


def walk(moment: Moment, chord: Chord, line: Line) -> int:
    """The next note of a line that arrives on the next chord's bass when that comes."""
    beats = next(
        (index for index, after in enumerate(moment.coming) if not is_same_harmony(after, chord)), len(moment.coming)
    )
    target = moment.coming[beats] if beats < len(moment.coming) else None
    scale = moment.key.scale if moment.key else ()
    mood = moment.chance, (moment.bar, moment.beat_in_bar, "walk")
    return next_step(chord, scale, line, beats, target, range(LOWEST, HIGHEST + 1), mood)


def _note(moment: Moment, step: int, pitch: int) -> BandNote:
    """A note as long as the row holds it."""
    length = moment.steps_held(moment.groove.bass, step)
    feel = moment.style.feel_of("bass")
    start = moment.tick_of(step)
    return BandNote(
        part="bass",
        pitch=pitch,
        velocity=moment.loudness(1.0 if _is_accent(moment, step) else 0.86, feel, step, "bass"),
        start=start,
        end=Ticks(start + length * moment.step_ticks - moment.step_ticks // 6),
        lag_micros=moment.harmony_lag(feel, step, "bass"),
        passing=moment.is_added,
    )
