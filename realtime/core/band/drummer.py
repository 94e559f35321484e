"""The drummer: plays the groove's rows, fills before new sections, a crash on the one after."""

from collections.abc import Mapping
from typing import Final

from realtime.core.band.note import BandNote, Moment
from realtime.core.style import DRUM_VOICES, HIT_LEVELS, Touch
from realtime.core.units import Ticks

SHARED: Final = 0.32
ALONE: Final = 0.95
"""Of the unevenness of recorded drummers' velocities a tenth (of the variance) is one mood for all voices."""

AS_WRITTEN: Final = 0.5
"""The density at which the rows are played as they are written."""

TIMEKEEPERS: Final = frozenset({"hat", "ride", "shaker", "tambourine", "brush_swish", "conga_mute"})
"""Voices whose off-beats can be thinned out or filled up without another groove's coming of it."""

LOUDEST: Final = 1.2
MOST_LAG_MS: Final = 50.0


def play_drums(moment: Moment) -> list[BandNote]:
    """The drum strokes of one beat."""
    rows = moment.groove.drums if moment.fill is None else moment.style.fills[moment.fill].rows
    notes = [note for step in _steps(moment) for note in _strokes(moment, rows, step)]
    if moment.section_start and moment.beat_in_bar == 0 and moment.energy > 0.25:
        notes.append(_stroke(moment, "crash", moment.first_step, 0.9))
    return notes


def _steps(moment: Moment) -> range:
    return range(moment.first_step, moment.first_step + moment.style.steps_per_beat)


def _strokes(moment: Moment, rows: Mapping[str, str], step: int) -> list[BandNote]:
    notes = []
    for voice, row in rows.items():
        mark = moment.mark(row, step)
        if mark in HIT_LEVELS and _wanted(moment, voice, mark, step):
            notes.append(_stroke(moment, voice, step, HIT_LEVELS[mark]))
        elif mark == "." and _is_busier(moment, voice, step):
            notes.append(_stroke(moment, voice, step, HIT_LEVELS["g"]))
    return notes


def _wanted(moment: Moment, voice: str, mark: str, step: int) -> bool:
    """Ghosts and maybes come and go with the density; timekeepers' off-beats go below half of it.

    What else is written firmly is played.
    """
    density = moment.density.get("drums", 0.5)
    if mark == "?":
        return moment.chance.uniform(moment.bar, step, voice) < density
    if mark == "g":
        return moment.chance.uniform(moment.bar, step, voice) < 0.4 + 0.8 * density
    is_off_beat = step % moment.style.steps_per_beat != 0
    if density < AS_WRITTEN and voice in TIMEKEEPERS and is_off_beat and moment.fill is None:
        return moment.chance.uniform(moment.bar, step, voice) < density / AS_WRITTEN
    return True


def _is_busier(moment: Moment, voice: str, step: int) -> bool:
    """Above half the density timekeepers put soft strokes between those that are written."""
    density = moment.density.get("drums", AS_WRITTEN)
    if density <= AS_WRITTEN or voice not in TIMEKEEPERS or moment.fill is not None or moment.tacet:
        return False
    return moment.chance.uniform(moment.bar, step, voice, 3) < 0.7 * (density - AS_WRITTEN) / AS_WRITTEN


def _stroke(moment: Moment, voice: str, step: int, level: float) -> BandNote:
    feel, touch = moment.style.feel_of(voice), moment.style.touch.get(voice)
    start = moment.tick_of(step)
    if touch is None:
        velocity, lag = moment.loudness(level, feel, step, voice), moment.lag(feel, step, voice)
    else:
        velocity, lag = _touched(moment, touch, feel.velocity * level, step, voice)
    return BandNote(
        part="drums",
        pitch=DRUM_VOICES[voice],
        velocity=velocity,
        start=start,
        end=Ticks(start + moment.step_ticks // 2),
        lag_micros=lag,
    )


def _touched(moment: Moment, touch: Touch, velocity: float, step: int, voice: str) -> tuple[int, int]:
    """Velocity and lag as people play this voice on this step: each step its own, and neighbours alike."""
    place = step % moment.style.steps_per_bar
    wander = touch.spread_ms[place] * moment.chance.bell(moment.bar, step, voice)
    lag = touch.lag_ms[place] + wander + moment.style.drift_ms * moment.wave(step, "drift")
    mood = SHARED * moment.wave(step, "loud") + ALONE * moment.chance.bell(moment.bar, step, voice, 7)
    ghost = velocity <= HIT_LEVELS["g"] * moment.style.feel_of(voice).velocity
    shape = 1.0 if ghost else min(LOUDEST, touch.loudness[place])  # a ghost is as soft wherever it is
    loud = velocity * shape * (1.0 + touch.unevenness[place] * mood) * moment.with_energy
    return max(1, min(127, round(loud))), round(1000 * max(-MOST_LAG_MS, min(MOST_LAG_MS, lag)))
