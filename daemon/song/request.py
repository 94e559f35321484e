"""What a piece is to be: every field with its range, checked at once; the same for Python, command line, HTTP."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from daemon.song.form import FORMS, is_form
from daemon.song.genre import ALIASES, GENRES, genre_named
from realtime.core.chart import MAX_CHART_CHARACTERS

MAX_BARS: Final = 256
MOST_STEPS: Final = 16
"""Chords foreseen at once."""

LONGEST_SECONDS: Final = 600
"""Of audio: it is made in memory."""

METERS: Final = ("2/4", "3/4", "4/4", "5/4", "6/4", "6/8", "9/8", "12/8")
BACKENDS: Final = ("embedded", "musiclang", "qwen")
AUDIO_FORMATS: Final = ("wav", "flac")
LOWEST_TEMPO, HIGHEST_TEMPO = 30.0, 300.0
MAX_SEED: Final = 2**53 - 1
"""What JSON's numbers hold exactly."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a field: what stood there, and what may."""

    field: str
    value: object
    allowed: str

    def __str__(self) -> str:
        """As a line for people."""
        seen = repr(self.value)
        return f"{self.field}: must be {self.allowed}, but was {seen if len(seen) <= 80 else seen[:80] + '…'}"


class BadRequest(ValueError):
    """A request that cannot be met; `faults` has everything that is wrong with it."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class SongRequest:
    """A piece. What is None is chosen by the genre or the style; without a seed each piece is another."""

    genre: str = "pop"
    key: str = "C"
    tempo: float | None = None
    bars: int | None = None
    style: str | None = None
    complexity: int = 5
    meter: str | None = None
    form: str | None = None
    chords: str | None = None
    include_melody: bool = True
    include_chords: bool = True
    include_band: bool = True
    synthesize_audio: bool = True
    use_gpu: bool = False
    reverb: float = 0.5
    seed: int | None = None
    backend: str = "embedded"
    audio_format: str = "wav"


@dataclass(frozen=True, slots=True)
class FieldRule:
    """What a field may be: the one table behind checks, command line and OpenAPI."""

    kind: str
    """text, choice, whole, number or switch."""
    allowed: str
    help: str
    low: float = -math.inf
    high: float = math.inf
    choices: tuple[str, ...] = ()
    example: object = None
    optional: bool = False


RULES: Final[dict[str, FieldRule]] = {
    "genre": FieldRule(
        "choice", "one of " + ", ".join(GENRES), "whose phrases are made", choices=GENRES, example="gospel"
    ),
    "key": FieldRule("text", "a note and perhaps a mode, as C, F# minor, Eb, D dorian or Am", "key", example="C"),
    "tempo": FieldRule(
        "number", f"{LOWEST_TEMPO:g} to {HIGHEST_TEMPO:g} quarters a minute", "tempo; the style's, if left out",
        LOWEST_TEMPO, HIGHEST_TEMPO, example=120, optional=True,
    ),
    "bars": FieldRule(
        "whole", f"a whole number 1 to {MAX_BARS}", "8, or as the chords have", 1, MAX_BARS, example=8, optional=True
    ),
    "style": FieldRule("text", "a style of the band", "who plays; the genre's own, if left out", example="traditional",
                       optional=True),
    "complexity": FieldRule("whole", "a whole number 1 to 10", "1: triads; 10: everything", 1, 10, example=6),
    "meter": FieldRule(
        "choice", "one of " + ", ".join(METERS), "else the style's", choices=METERS, example="4/4", optional=True
    ),
    "form": FieldRule(
        "text", "one of " + ", ".join(FORMS) + ", or up to 32 letters, as AABA", "else the genre's",
        example="aaba", optional=True,
    ),
    "chords": FieldRule(
        "text", "chord symbols or Roman numerals, as 'C Am F G', 'I vi IV V' or '| C | Am7 D7 |'",
        "chords of your own", example="C F G C", optional=True,
    ),
    "include_melody": FieldRule("switch", "true or false", "a melody"),
    "include_chords": FieldRule("switch", "true or false", "the chords, played"),
    "include_band": FieldRule("switch", "true or false", "drums, bass, keys and pad"),
    "synthesize_audio": FieldRule("switch", "true or false", "an audio file"),
    "use_gpu": FieldRule("switch", "true or false", "render on the GPU, where that is possible"),
    "reverb": FieldRule("number", "0 to 1", "0: none, 0.5: as the band has it live", 0, 1, example=0.5),
    "seed": FieldRule(
        "whole", f"a whole number 0 to {MAX_SEED}", "the same seed, the same piece", 0, MAX_SEED, example=1,
        optional=True,
    ),
    "backend": FieldRule("choice", "one of " + ", ".join(BACKENDS), "who composes", choices=BACKENDS),
    "audio_format": FieldRule("choice", "one of " + ", ".join(AUDIO_FORMATS), "of the file", choices=AUDIO_FORMATS),
}  # fmt: skip
"""By the name of the field, in the order they are documented."""

DEFAULTS: Final = SongRequest()


def read_request(content: Mapping[str, Any], styles: tuple[str, ...]) -> SongRequest:
    """The request that a mapping holds; `styles` are the names the band knows.

    Raises:
        BadRequest: naming every field that is wrong, what stood there and what may.
    """
    known = {field.name for field in fields(SongRequest)}
    faults = [Fault(str(name)[:80], value, "left out: there is no such field; " + ", ".join(RULES) + " are")
              for name, value in content.items() if name not in known]  # fmt: skip
    given: dict[str, Any] = {}
    for name in known & content.keys():
        value = content[name]
        if value is None and RULES[name].optional:
            continue
        if name == "genre" and isinstance(value, str):
            value = genre_named(value)
        if (fault := _fault(name, value, RULES[name])) is not None:
            faults.append(Fault(name, content[name], fault))
        else:
            given[name] = float(value) if RULES[name].kind == "number" else value
    request = replace(DEFAULTS, **given)
    faults += _faults_together(request, given, styles)
    if faults:
        raise BadRequest(
            sorted(faults, key=lambda fault: list(RULES).index(fault.field) if fault.field in RULES else 99)
        )
    return request


def _fault(name: str, value: Any, rule: FieldRule) -> str | None:  # noqa: ANN401 - whatever came
    """What would be allowed, if this is not."""
    match rule.kind:
        case "switch":
            is_right = isinstance(value, bool)
        case "whole":
            is_right = isinstance(value, int) and not isinstance(value, bool) and rule.low <= value <= rule.high
        case "number":
            is_right = isinstance(value, int | float) and not isinstance(value, bool) and rule.low <= value <= rule.high
        case "choice":
            is_right = isinstance(value, str) and value in rule.choices
        case _:
            is_right = isinstance(value, str) and len(value.strip()) > 0 and len(value) <= MAX_CHART_CHARACTERS
    if is_right:
        return None
    return rule.allowed + (f" (also {', '.join(ALIASES)})" if name == "genre" else "")


def _faults_together(request: SongRequest, given: Mapping[str, Any], styles: tuple[str, ...]) -> list[Fault]:
    """Faults of what is well formed, but names nothing there is."""
    from daemon.song.given import check_chords  # noqa: PLC0415 - it reads requests, too
    from daemon.song.key import BadKey, key_named  # noqa: PLC0415
    from daemon.song.style_choice import style_named  # noqa: PLC0415

    faults = []
    if "key" in given:
        try:
            key_named(request.key)
        except BadKey:
            faults.append(Fault("key", request.key, RULES["key"].allowed))
    if request.form is not None and not is_form(request.form):
        faults.append(Fault("form", request.form, RULES["form"].allowed))
    if request.style is not None and style_named(request.style, request.genre, styles) is None:
        faults.append(Fault("style", request.style, "one of " + ", ".join(sorted(styles))))
    if request.chords is not None and (problem := check_chords(request)):
        faults.append(Fault("chords", request.chords, f"{RULES['chords'].allowed} ({problem})"))
    return faults
