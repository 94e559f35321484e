"""The drummer: plays the groove's rows, fills before new sections, a crash on the one after."""

from collections.abc import Mapping

from realtime.core.band.note import BandNote, Moment
from realtime.core.style import DRUM_VOICES, HIT_LEVELS, step_at
from realtime.core.units import Ticks


def play_drums(moment: Moment) -> list[BandNote]:
    """The drum strokes of one beat."""
    rows = moment.groove.drums if moment.fill is None else moment.style.fills[moment.fill]
    notes = [note for step in _steps(moment) for note in _strokes(moment, rows, step)]
    if moment.section_start and moment.beat_in_bar == 0 and moment.energy > 0.25:
        notes.append(_stroke(moment, "crash", moment.first_step, 0.9))
    return notes


def _steps(moment: Moment) -> range:
    return range(moment.first_step, moment.first_step + moment.style.steps_per_beat)


def _strokes(moment: Moment, rows: Mapping[str, str], step: int) -> list[BandNote]:
    notes = []
    for voice, row in rows.items():
        mark = step_at(row, moment.bar, step, moment.style.steps_per_bar)
        if mark in HIT_LEVELS and _wanted(moment, voice, mark, step):
            notes.append(_stroke(moment, voice, step, HIT_LEVELS[mark]))
    return notes


def _wanted(moment: Moment, voice: str, mark: str, step: int) -> bool:
    """Ghosts and maybes come and go with the density; what is written firmly is played."""
    density = moment.density.get("drums", 0.5)
    if mark == "?":
        return moment.chance.uniform(moment.bar, step, voice) < density
    if mark == "g":
        return moment.chance.uniform(moment.bar, step, voice) < 0.4 + 0.8 * density
    return True


def _stroke(moment: Moment, voice: str, step: int, level: float) -> BandNote:
    feel = moment.style.feel_of(voice)
    start = moment.tick_of(step)
    return BandNote(
        part="drums",
        pitch=DRUM_VOICES[voice],
        velocity=moment.loudness(level, feel, step, voice),
        start=start,
        end=Ticks(start + moment.step_ticks // 2),
        lag_micros=moment.lag(feel, step, voice),
    )
