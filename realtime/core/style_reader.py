"""Reads a style from a mapping (a parsed TOML file), and lists everything that is wrong with it at once."""

from collections.abc import Mapping, Sequence
from typing import Final

from realtime.core.meter import Meter
from realtime.core.passage_reader import (
    BASS_ROW,
    HELD_HITS,
    read_drums,
    read_fills,
    read_options,
    read_passages,
)
from realtime.core.style import (
    DRUM_VOICES,
    HANDS,
    KITS,
    PASSAGES,
    VARIATIONS,
    VOICINGS,
    Feel,
    Groove,
    Hand,
    Style,
    Touch,
)
from realtime.core.table_reader import TableReader
from realtime.core.units import MAX_TEMPO_BPM, MIN_TEMPO_BPM

LEAST_HAND_SPAN: Final = 17
"""Semitones; within fewer some chords cannot be voiced in some families."""


class StyleError(ValueError):
    """A style that cannot be played; the text lists every problem with its place and what is allowed."""

    def __init__(self, name: str, problems: Sequence[str]) -> None:
        super().__init__(f"style {name}: " + "; ".join(problems))
        self.problems = tuple(problems)


def parse_style(mapping: Mapping[str, object], name: str) -> Style:
    """The style that a mapping (a parsed TOML file) describes.

    Raises:
        StyleError: listing every problem found.
    """
    reader = TableReader()
    reader.known(
        "",
        mapping,
        (
            "title", "genre", "meter", "steps_per_beat", "tempo_bpm", "swing", "fill_every_bars", "kit", "groove",
            "fill", "feel", "feel_from", "learnt", "keys", "pad", "options", *PASSAGES,
        ),
    )  # fmt: skip
    meter = _meter(reader, mapping.get("meter", "4/4"))
    steps_per_beat = int(reader.number("steps_per_beat", mapping.get("steps_per_beat", 4), 1, 12))
    steps = steps_per_beat * meter.beats_per_bar
    touch, drift_ms = _learnt(reader, mapping, steps)
    style = Style(
        name=name,
        title=str(mapping.get("title", name)),
        meter=meter,
        steps_per_beat=steps_per_beat,
        tempo_bpm=_tempo_range(reader, mapping.get("tempo_bpm", [60, 120])),
        swing=reader.number("swing", mapping.get("swing", 0.0), 0.0, 1.0),
        fill_every_bars=int(reader.number("fill_every_bars", mapping.get("fill_every_bars", 8), 1, 64)),
        grooves=_grooves(reader, mapping.get("groove", {}), steps),
        fills=read_fills(reader, mapping.get("fill", []), steps),
        feel=_feel(reader, mapping.get("feel", {})),
        genre=str(mapping.get("genre", "pop")),
        kit=reader.word("kit", mapping.get("kit", "standard"), KITS),
        feel_from=str(mapping.get("feel_from", "")),
        touch=touch,
        drift_ms=drift_ms,
        passages=read_passages(reader, mapping, meter, steps),
        options=read_options(reader, mapping.get("options", {})),
        hands={part: _hand(reader, part, mapping.get(part, {}), hand) for part, hand in HANDS.items()},
    )
    if reader.problems:
        raise StyleError(name, reader.problems)
    return style


def _meter(reader: TableReader, value: object) -> Meter:
    try:
        numerator, denominator = str(value).split("/")
        return Meter(int(numerator), int(denominator))
    except ValueError as problem:
        reader.problems.append(f"meter: must be as '4/4', but was {value!r:.60} ({problem})")
        return Meter()


def _tempo_range(reader: TableReader, value: object) -> tuple[float, float]:
    if isinstance(value, list) and len(value) == 2:
        low, high = (reader.number("tempo_bpm", v, MIN_TEMPO_BPM, MAX_TEMPO_BPM) for v in value)
        if low <= high:
            return low, high
    reader.problems.append(f"tempo_bpm: must be [slowest, fastest], but was {value!r:.60}")
    return 60.0, 120.0


def _hand(reader: TableReader, at: str, value: object, otherwise: Hand) -> Hand:
    table = reader.table(at, value)
    reader.known(at, table, ("voicing", "range", "notes", "strum_ms", "colours", "on_change"))
    span = table.get("range", [otherwise.low, otherwise.high])
    low, high = otherwise.low, otherwise.high
    if isinstance(span, list) and len(span) == 2:
        low, high = (int(reader.number(f"{at}.range", pitch, 24, 96)) for pitch in span)
    if not isinstance(span, list) or len(span) != 2 or high - low < LEAST_HAND_SPAN:
        reader.problems.append(
            f"{at}.range: must be [lowest, highest] MIDI pitches at least {LEAST_HAND_SPAN} apart, but was {span!r:.60}"
        )
    return Hand(
        voicing=reader.word(f"{at}.voicing", table.get("voicing", otherwise.voicing), VOICINGS),
        low=low,
        high=max(high, low + LEAST_HAND_SPAN),
        notes=int(reader.number(f"{at}.notes", table.get("notes", otherwise.notes), 2, 5)),
        strum_ms=reader.number(f"{at}.strum_ms", table.get("strum_ms", otherwise.strum_ms), 0, 40),
        colours=reader.switch(f"{at}.colours", table.get("colours", otherwise.colours)),
        on_change=reader.switch(f"{at}.on_change", table.get("on_change", otherwise.on_change)),
    )


def _grooves(reader: TableReader, value: object, steps: int) -> Mapping[str, Groove]:
    table = reader.table("groove", value)
    for variation in VARIATIONS:
        if variation not in table:
            reader.problems.append(f"groove.{variation}: missing; a style has grooves {', '.join(VARIATIONS)}")
    return {name: _groove(reader, f"groove.{name}", groove, steps) for name, groove in table.items()}


def _groove(reader: TableReader, at: str, value: object, steps: int) -> Groove:
    table = reader.table(at, value)
    reader.known(at, table, ("drums", "bass", "keys", "pad"))
    return Groove(
        drums=read_drums(reader, f"{at}.drums", table.get("drums", {}), steps),
        bass=reader.row(f"{at}.bass", table.get("bass"), steps, BASS_ROW),
        keys=reader.row(f"{at}.keys", table.get("keys"), steps, HELD_HITS),
        pad=reader.row(f"{at}.pad", table.get("pad"), steps, HELD_HITS),
    )


def _feel(reader: TableReader, value: object) -> Mapping[str, Feel]:
    feels = {}
    for voice, entry in reader.table("feel", value).items():
        at = f"feel.{voice}"
        if voice not in DRUM_VOICES and voice not in ("drums", "bass", "keys", "pad"):
            reader.problems.append(f"{at}: unknown; allowed are bass, keys, pad and the drum voices")
        table = reader.table(at, entry)
        reader.known(at, table, ("lag_ms", "spread_ms", "velocity"))
        feels[voice] = Feel(
            reader.number(f"{at}.lag_ms", table.get("lag_ms", 0.0), -60, 60),
            reader.number(f"{at}.spread_ms", table.get("spread_ms", 4.0), 0, 30),
            int(reader.number(f"{at}.velocity", table.get("velocity", 100), 1, 127)),
        )
    return feels


def _learnt(reader: TableReader, mapping: Mapping[str, object], steps: int) -> tuple[Mapping[str, Touch], float]:
    """What was learnt of drummers; where the style has a mean or a spread of its own for a voice, that is kept."""
    table = reader.table("learnt", mapping.get("learnt", {}))
    reader.known("learnt", table, ("drift_ms", "voices"))
    own = mapping.get("feel", {})
    touches = {}
    for voice, entry in reader.table("learnt.voices", table.get("voices", {})).items():
        at = f"learnt.voices.{voice}"
        lists = reader.table(at, entry)
        reader.known(at, lists, ("lag_ms", "spread_ms", "loudness", "unevenness"))
        lags, spreads, loud, uneven = (
            reader.numbers(f"{at}.{name}", lists.get(name), steps, low, high)
            for name, low, high in (
                ("lag_ms", -60, 60), ("spread_ms", 0, 30), ("loudness", 0.2, 2), ("unevenness", 0, 1),
            )
        )  # fmt: skip
        said = own.get(voice, {}) if isinstance(own, Mapping) else {}
        if isinstance(said, Mapping) and isinstance(mean := said.get("lag_ms"), int | float):
            lags = tuple(round(mean + lag - sum(lags) / steps, 2) for lag in lags)
        if isinstance(said, Mapping) and isinstance(mean := said.get("spread_ms"), int | float):
            spreads = (float(mean) / 2,) * steps
        touches[voice] = Touch(lags, spreads, loud, uneven)
    return touches, reader.number("learnt.drift_ms", table.get("drift_ms", 0.0), 0, 30)
