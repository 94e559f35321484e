"""Which of the band's styles plays a piece, and how a style is played in a meter that is not its own."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Final

from daemon.song.genre import genre_of
from realtime.core.meter import Meter
from realtime.core.style import Fill, Groove, Style

CHORALE: Final = "chorale"
_COMPOUND: Final = ("gospel_traditional", "slow_blues")
"""Styles in three to a beat, for genres that have none."""

_BEATS_FROM_FOUR: Final = {2: (0, 1), 3: (0, 1, 3), 4: (0, 1, 2, 3), 5: (0, 1, 3, 0, 1), 6: (0, 1, 3, 0, 1, 3)}
"""Which beats of a bar of four make a bar of so many: one, the back beat, and what leads on."""


@cache
def chorale() -> Style:
    """The style of hymns, which only the studio has."""
    import tomllib  # noqa: PLC0415 - once

    from realtime.core.style_reader import parse_style  # noqa: PLC0415

    text = resources.files("daemon.song").joinpath("genres", "chorale.style.toml").read_text("utf-8")
    return parse_style(tomllib.loads(text), CHORALE)


def style_named(name: str, genre: str, styles: tuple[str, ...]) -> str | None:
    """The style of that name, whole or without its genre's ("traditional" in gospel); None where there is none."""
    plain = name.strip().lower().replace(" ", "_").replace("-", "_")
    if plain in styles or plain == CHORALE:
        return plain
    own = [style for style in genre_of(genre).styles if style.endswith("_" + plain)] if genre else []
    return next(iter(own), next((style for style in styles if style.endswith("_" + plain)), None))


def choose_style(name: str | None, genre: str, meter: str | None, styles: Mapping[str, Style]) -> Style:
    """The style that plays: the one named, else the genre's that is in `meter`, else its first, put into `meter`."""
    known = {**styles, CHORALE: chorale()}
    chosen = style_named(name, genre, tuple(styles)) if name else None
    wanted = None if meter is None else Meter(*map(int, meter.split("/")))
    own = [known[style] for style in genre_of(genre).styles if style in known] or [next(iter(styles.values()))]
    style = known[chosen] if chosen else next((s for s in own if s.meter == wanted), own[0])
    if wanted is None or style.meter == wanted:
        return style
    if wanted.is_compound and style.steps_per_beat % 3:
        style = known.get(_COMPOUND[0], style)
    return in_meter(style, wanted)


def in_meter(style: Style, meter: Meter) -> Style:
    """The style with its bars made of other beats; what it writes for its own meter alone (intros, endings) is gone."""
    old = style.meter.beats_per_bar
    order = _BEATS_FROM_FOUR.get(meter.beats_per_bar) if old == 4 else None
    beats = order or tuple(beat % old for beat in range(meter.beats_per_bar))
    step = style.steps_per_beat

    def row(text: str) -> str:
        bars = [text[at : at + step * old] for at in range(0, len(text), step * old)]
        return "".join(bar[beat * step : (beat + 1) * step] for bar in bars for beat in beats)

    def touched(values: tuple[float, ...]) -> tuple[float, ...]:
        return tuple(value for beat in beats for value in values[beat * step : (beat + 1) * step])

    grooves = {
        name: Groove({v: row(t) for v, t in g.drums.items()}, row(g.bass), row(g.keys), row(g.pad))
        for name, g in style.grooves.items()
    }
    touch = {
        voice: replace(
            t, lag_ms=touched(t.lag_ms), spread_ms=touched(t.spread_ms), loudness=touched(t.loudness),
            unevenness=touched(t.unevenness),
        )
        for voice, t in style.touch.items()
    }  # fmt: skip
    return replace(
        style,
        meter=meter,
        grooves=grooves,
        fills=tuple(Fill({voice: row(text) for voice, text in fill.rows.items()}, fill.into) for fill in style.fills),
        touch=touch,
        passages={},
    )
