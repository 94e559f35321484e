"""A style: how a band of five plays one kind of music, as data a musician can read.

Rows are written a character a step, bars divided by `|` for the eye; spaces are ignored:

    .  rest    -  hold what sounds    g  ghost    o  soft    x  normal    X  accent    ?  perhaps

Bass rows name what to play instead, a degree of the chord: `1 3 5 7 8`, `b` the chord's bass, `a` an approach to the
next chord's bass; capitals do not exist there, and accents fall where the kick's do.
A row may last several bars; it then repeats every that many bars.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from realtime.core.meter import Meter
from realtime.core.units import MAX_TEMPO_BPM, MIN_TEMPO_BPM

VARIATIONS: Final = ("A", "B", "C", "D")
HIT_LEVELS: Final[dict[str, float]] = {"g": 0.34, "o": 0.55, "x": 0.78, "X": 1.0, "?": 0.66}
"""How hard each kind of hit is, as a share of the part's full velocity."""

BASS_STEPS: Final = frozenset("13578ba")
MAX_ROW_BARS: Final = 16

DRUM_VOICES: Final[dict[str, int]] = {
    "kick": 36, "snare": 38, "rim": 37, "clap": 39, "hat": 42, "pedal": 44, "open": 46, "ride": 51, "bell": 53,
    "crash": 49, "tom_low": 45, "tom_mid": 47, "tom_high": 50, "tambourine": 54, "shaker": 70,
}  # fmt: skip
"""General MIDI percussion keys."""


class StyleError(ValueError):
    """A style that cannot be played; the text lists every problem with its place and what is allowed."""


@dataclass(frozen=True, slots=True)
class Feel:
    """How a voice sits on the grid: `lag_ms` late (early if negative), `spread_ms` uneven, `accent` loud at most."""

    lag_ms: float = 0.0
    spread_ms: float = 4.0
    velocity: int = 100


@dataclass(frozen=True, slots=True)
class Groove:
    """What one variation plays: a row for each drum voice, for the bass, the keys and the pad."""

    drums: Mapping[str, str]
    bass: str
    keys: str
    pad: str


@dataclass(frozen=True, slots=True)
class Style:
    """A whole style. `steps_per_beat` is the grid of its rows; `swing` 0..1 delays the second half of each pair."""

    name: str
    title: str
    meter: Meter
    steps_per_beat: int
    tempo_bpm: tuple[float, float]
    swing: float
    fill_every_bars: int
    grooves: Mapping[str, Groove]
    fills: tuple[Mapping[str, str], ...]
    feel: Mapping[str, Feel] = field(default_factory=dict)

    @property
    def steps_per_bar(self) -> int:
        """Grid steps a bar."""
        return self.steps_per_beat * self.meter.beats_per_bar

    @property
    def default_tempo_bpm(self) -> float:
        """The middle of its tempo range."""
        return sum(self.tempo_bpm) / 2

    def feel_of(self, voice: str) -> Feel:
        """The feel of a drum voice or part."""
        return self.feel.get(voice, Feel())


def step_at(row: str, bar: int, step: int, steps_per_bar: int) -> str:
    """The character of a row at a step of a bar; rows shorter than the song repeat."""
    return row[(bar * steps_per_bar + step) % len(row)] if row else "."


class _Reader:
    """Walks a mapping and collects what is wrong with it, so that one error can list it all."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def table(self, at: str, value: object) -> Mapping[str, object]:
        if isinstance(value, Mapping):
            return value
        self.problems.append(f"{at}: must be a table, but was {value!r:.60}")
        return {}

    def known(self, at: str, table: Mapping[str, object], allowed: tuple[str, ...] | frozenset[str]) -> None:
        for key in table:
            if key not in allowed:
                self.problems.append(f"{at}.{key}: unknown; allowed are {', '.join(sorted(allowed))}".lstrip("."))

    def number(self, at: str, value: object, low: float, high: float) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
            return float(value)
        self.problems.append(f"{at}: must be a number {low:g} to {high:g}, but was {value!r:.60}")
        return low

    def row(self, at: str, value: object, steps_per_bar: int, alphabet: frozenset[str]) -> str:
        """A row without its decoration, whole bars long."""
        text = "".join(value.replace("|", "").split()) if isinstance(value, str) else ""
        wrong = sorted(set(text) - alphabet)
        if not text or wrong or len(text) % steps_per_bar or len(text) > MAX_ROW_BARS * steps_per_bar:
            self.problems.append(
                f"{at}: must be 1 to {MAX_ROW_BARS} bars of {steps_per_bar} steps out of "
                f"'{''.join(sorted(alphabet))}', but was {value!r:.60} ({len(text)} steps)"
            )
            return "." * steps_per_bar
        return text


_HITS: Final = frozenset("." + "".join(HIT_LEVELS))
_HELD_HITS: Final = _HITS | {"-"}
_BASS_ROW: Final = BASS_STEPS | {".", "-"}


def parse_style(mapping: Mapping[str, object], name: str) -> Style:
    """The style that a mapping (a parsed TOML file) describes.

    Raises:
        StyleError: listing every problem found.
    """
    reader = _Reader()
    reader.known(
        "",
        mapping,
        (
            "title",
            "meter",
            "steps_per_beat",
            "tempo_bpm",
            "swing",
            "fill_every_bars",
            "groove",
            "fill",
            "feel",
        ),
    )
    meter = _meter(reader, mapping.get("meter", "4/4"))
    steps_per_beat = int(reader.number("steps_per_beat", mapping.get("steps_per_beat", 4), 1, 12))
    steps = steps_per_beat * meter.beats_per_bar
    grooves = {
        variation: _groove(reader, f"groove.{variation}", value, steps)
        for variation, value in reader.table("groove", mapping.get("groove", {})).items()
    }
    for variation in VARIATIONS:
        if variation not in grooves:
            reader.problems.append(f"groove.{variation}: missing; a style has grooves {', '.join(VARIATIONS)}")
    fills = mapping.get("fill", [])
    if not isinstance(fills, list) or not fills:
        reader.problems.append(f"fill: must be at least one [[fill]] table, but was {fills!r:.60}")
        fills = []
    parsed_fills = tuple(_drums(reader, f"fill[{i}]", fill, steps) for i, fill in enumerate(fills))
    style = Style(
        name=name,
        title=str(mapping.get("title", name)),
        meter=meter,
        steps_per_beat=steps_per_beat,
        tempo_bpm=_tempo_range(reader, mapping.get("tempo_bpm", [60, 120])),
        swing=reader.number("swing", mapping.get("swing", 0.0), 0.0, 1.0),
        fill_every_bars=int(reader.number("fill_every_bars", mapping.get("fill_every_bars", 8), 1, 64)),
        grooves=grooves,
        fills=parsed_fills,
        feel=_feel(reader, mapping.get("feel", {})),
    )
    if reader.problems:
        raise StyleError(f"style {name}: " + "; ".join(reader.problems))
    return style


def _meter(reader: _Reader, value: object) -> Meter:
    try:
        numerator, denominator = str(value).split("/")
        return Meter(int(numerator), int(denominator))
    except ValueError as problem:
        reader.problems.append(f"meter: must be as '4/4', but was {value!r:.60} ({problem})")
        return Meter()


def _tempo_range(reader: _Reader, value: object) -> tuple[float, float]:
    if isinstance(value, list) and len(value) == 2:
        low, high = (reader.number("tempo_bpm", v, MIN_TEMPO_BPM, MAX_TEMPO_BPM) for v in value)
        if low <= high:
            return low, high
    reader.problems.append(f"tempo_bpm: must be [slowest, fastest], but was {value!r:.60}")
    return 60.0, 120.0


def _groove(reader: _Reader, at: str, value: object, steps: int) -> Groove:
    table = reader.table(at, value)
    reader.known(at, table, ("drums", "bass", "keys", "pad"))
    return Groove(
        drums=_drums(reader, f"{at}.drums", table.get("drums", {}), steps),
        bass=reader.row(f"{at}.bass", table.get("bass"), steps, _BASS_ROW),
        keys=reader.row(f"{at}.keys", table.get("keys"), steps, _HELD_HITS),
        pad=reader.row(f"{at}.pad", table.get("pad"), steps, _HELD_HITS),
    )


def _drums(reader: _Reader, at: str, value: object, steps: int) -> Mapping[str, str]:
    table = reader.table(at, value)
    reader.known(at, table, frozenset(DRUM_VOICES))
    return {v: reader.row(f"{at}.{v}", row, steps, _HITS) for v, row in table.items() if v in DRUM_VOICES}


def _feel(reader: _Reader, value: object) -> Mapping[str, Feel]:
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
