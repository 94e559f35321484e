"""The pages of the surface: everything in the table of parameters has its place on one of them."""

from collections.abc import Sequence
from typing import Final

from daemon.layouts.surface import GAP, PAGE_HEIGHT, PAGE_WIDTH, Frame, Page, Widget, cells, split
from realtime.core.events import BAND_PARTS, Value
from realtime.core.parameters import PARAMETERS
from realtime.core.sound_table import INSTRUMENT_OF_PART, PREFIX

_ALL: Final[Frame] = (GAP, GAP, PAGE_WIDTH - 2 * GAP, PAGE_HEIGHT - 2 * GAP)

_TOLD: Final = (
    ("chord/now", "now", "sf", 0, 3.0),
    ("chord/next", "next", "sff", 0, 3.0),
    ("chord/next", "sure", "sff", 1, 1.2),
    ("key/now", "key", "sf", 0, 1.8),
    ("beat", "bar", "iif", 0, 1.0),
    ("beat", "beat", "iif", 1, 1.0),
    ("beat", "tempo", "iif", 2, 1.4),
    ("section", "section", "siif", 0, 1.0),
    ("clock/state", "clock", "ssff", 0, 1.2),
)
"""What the first line shows: address, caption, types, which argument, and its share of the width."""

_Button = tuple[str, str, str, Value | None]
_TRANSPORT: Final[tuple[_Button, ...]] = (
    ("transport/start", "start", "go", None),
    ("transport/stop", "stop", "stop", None),
    ("transport/continue", "continue", "go", None),
    ("transport/tap", "tap", "plain", None),
    ("song/next", "next song", "plain", None),
    ("session/start", "record anew", "plain", None),
    ("session/stop", "end record", "plain", None),
    ("session/mark", "mark", "plain", None),
    ("transport/panic", "panic", "stop", None),
)
_CUES: Final[tuple[_Button, ...]] = (
    ("intro", "intro", "cue", None),
    ("fill", "fill", "cue", None),
    ("break", "break", "cue", None),
    ("ending", "ending", "cue", None),
    ("fade", "fade", "cue", None),
    ("plan/accept", "accept", "go", None),
    ("plan/veto", "veto", "stop", None),
    ("plan/hold", "hold chord", "plan", -1),
    ("plan/hold", "let go", "plan", 0),
)
_TURNED: Final = ("transport/tempo", "energy", "complexity", "creativity", "swing", "commit/threshold")
_SWITCHED: Final = ("transport/sync", "transport/sync_stop", "energy/follow", "commit/hedge")
_SHORT: Final = {
    "transport/sync": "start with me",
    "transport/sync_stop": "stop with me",
    "energy/follow": "follow energy",
    "commit/threshold": "commit when",
    "transport/count_in": "count in",
    "transport/count_in/sync": "count in with me",
    "hold/memory": "memory",
    "listen/hands": "hands",
    "listen/split": "split",
    "transport/source": "time from",
}
"""Captions where the path's own words say too little, or too much."""


def pages(styles: Sequence[str]) -> list[Page]:
    """Every page, with a button for each of the styles."""
    return [_play(styles), _mix(), _rehearse(), _instruments(), _sends(), _tone(), _sound()]


def _play(styles: Sequence[str]) -> Page:
    shares = (1.7, 1.1, 1.1, 1.1, 2.6, 1.4, 1.4)
    told, transport, roles, cues, choice, turned, switched = split(_ALL, shares, down=True)
    modes, variations = split(roles, (6, 5))
    turned_cells, switch_cells = cells(turned, len(_TURNED), len(_TURNED)), split(switched, (1, 1, 1, 1, 2, 2))
    return Page(
        "play",
        (
            *_labels(told),
            *_buttons(transport, _TRANSPORT),
            *_choices("mode", modes, 6, "role"),
            *_choices("variation", variations, 5, "style"),
            *_buttons(cues, _CUES),
            *_choices("style", choice, 8, "style", styles),
            *(_knob(path, frame) for path, frame in zip(_TURNED, turned_cells, strict=True)),
            *(_knob(path, frame) for path, frame in zip(_SWITCHED, switch_cells, strict=False)),
            Widget("label", "style", "style", switch_cells[4], types="s"),
            Widget("label", "error", "said", switch_cells[5], types="s"),
        ),
    )


def _mix() -> Page:
    """A strip for each part."""
    widgets: list[Widget] = []
    for part, strip in zip(BAND_PARTS, split(_ALL, [1] * len(BAND_PARTS)), strict=True):
        faders, below, midi = split(strip, (8, 1, 1), down=True)
        level, density = split(faders, (3, 2))
        mute, solo = split(below, (1, 1))
        at = f"part/{part}/"
        widgets += [
            _knob(at + "level", level, caption=part, colour="part"),
            _knob(at + "density", density, caption="density"),
            _knob(at + "mute", mute, caption="mute", colour="stop"),
            _knob(at + "solo", solo, caption="solo", colour="go"),
        ]
        numbers = zip(("channel", "program", "bank"), split(midi, (1, 1, 1)), strict=True)
        widgets += [_knob(at + name, frame, caption=name) for name, frame in numbers]
    return Page("mix", tuple(widgets))


def _rehearse() -> Page:
    """What is set before a song rather than in it."""
    one, two, three, four = split(_ALL, (1, 1, 1, 1), down=True)
    sources, memories, voicings = split(one, (4, 3, 2))
    hands, sync, model = split(two, (4, 1, 1))
    numbers = ("trade/bars", "harmonise/voices", "transport/count_in", "listen/split", "lookahead", "commit")
    beats, rest = split(four, (1, 1))
    shown = [(path, frame) for path, frame in zip(("mode", "variation"), split(beats, (1, 1)), strict=True)]
    told = zip((("turn", "sf"), ("song/now", "sif")), split(rest, (1, 1)), strict=True)
    return Page(
        "rehearse",
        (
            *_choices("transport/source", sources, 4, "go", before="time"),
            *_choices("hold/memory", memories, 3, "cue", before="memory"),
            *_choices("harmonise/voicing", voicings, 2, "role", before="voices"),
            *_choices("listen/hands", hands, 4, "role", before="hands"),
            _knob("transport/count_in/sync", sync),
            _knob("solo/model", model),
            *(_knob(path, frame) for path, frame in zip(numbers, cells(three, 6, 6), strict=True)),
            *(Widget("label", path, path, frame, types="s") for path, frame in shown),
            *(Widget("label", path, path.split("/")[0], frame, types=types) for (path, types), frame in told),
        ),
    )


def _instruments() -> Page:
    """Who plays what."""
    widgets: list[Widget] = []
    for part, row in zip(INSTRUMENT_OF_PART, split(_ALL, [1] * len(INSTRUMENT_OF_PART), down=True), strict=True):
        name, choice = split(row, (1, 6))
        widgets.append(Widget("label", f"part/{part}/instrument", part, name, "part", types="s"))
        widgets += _choices(f"part/{part}/instrument", choice, 6, "plain")
    return Page("instruments", tuple(widgets))


def _of_parts(title: str, wanted: Sequence[str]) -> Page:
    """The engine's own knobs of every part, a line for each part."""
    widgets: list[Widget] = []
    for part, row in zip(INSTRUMENT_OF_PART, split(_ALL, [1] * len(INSTRUMENT_OF_PART), down=True), strict=True):
        at = f"{PREFIX}part/{part}/"
        paths = [at + name for name in wanted if at + name in PARAMETERS]
        widgets += [
            _knob(path, frame, caption=f"{part} {path.removeprefix(at).replace('/', ' ')}")
            for path, frame in zip(paths, split(row, [1] * len(paths)), strict=True)
        ]
    return Page(title, tuple(widgets))


def _sends() -> Page:
    return _of_parts("sends", ("level", "mute", "pan", "reverb", "hall", "chorus", "delay", "tremolo"))


def _tone() -> Page:
    return _of_parts("tone", ("eq/low", "eq/mid", "eq/mid_frequency", "eq/high"))


def _sound() -> Page:
    """The engine's effects, and whatever has no other page."""
    paths = [path for path in PARAMETERS if path.startswith(PREFIX) and not path.startswith(f"{PREFIX}part/")]
    columns = 5
    return Page("sound", tuple(_knob(p, f) for p, f in zip(paths, cells(_ALL, len(paths), columns), strict=True)))


def _labels(area: Frame) -> list[Widget]:
    frames = split(area, [share for *_, share in _TOLD])
    return [
        Widget("label", path, caption, frame, "told", types=types, shows=shows)
        for (path, caption, types, shows, _), frame in zip(_TOLD, frames, strict=True)
    ]


def _buttons(area: Frame, buttons: Sequence[_Button]) -> list[Widget]:
    frames = split(area, [1] * len(buttons))
    return [
        Widget("button", path, caption, frame, colour, argument)
        for (path, caption, colour, argument), frame in zip(buttons, frames, strict=True)
    ]


def _choices(
    path: str, area: Frame, columns: int, colour: str, named: Sequence[str] = (), *, before: str = ""
) -> list[Widget]:
    """A button for every value of a parameter; `before` is said before each."""
    values = PARAMETERS[path].choices or tuple(named)
    frames = cells(area, len(values), min(columns, len(values)))
    return [
        Widget("choice", path, f"{before} {value}".strip().replace("_", " "), frame, colour, value)
        for value, frame in zip(values, frames, strict=True)
    ]


def _knob(path: str, frame: Frame, *, caption: str = "", colour: str = "plain") -> Widget:
    """A fader or a switch, as the parameter is."""
    own = _SHORT.get(path) or path.removeprefix(PREFIX).removeprefix("transport/").replace("/", " ").replace("_", " ")
    kind = "switch" if PARAMETERS[path].kind == "bool" else "fader"
    return Widget("switch" if kind == "switch" else "fader", path, caption or own, frame, colour)
