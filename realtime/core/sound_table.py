"""What the sound engine says of itself: its instruments, and every knob of its mixer and effects.

The table is declared once, in Rust (`rust_dsp/src/param_table.rs`), and read here, so that OSC, configuration and
documentation know what the engine knows. Levels and mutes of the band's parts are not in it: those are faders, and
stand in `parameters`. Where the engine is not built the table is empty.
"""

from dataclasses import dataclass
from typing import Any, Final

from realtime.core.events import ALL_PARTS, BAND_PARTS, Part

PREFIX: Final = "sound/"
"""In front of the engine's own name of a knob: `sound/reverb/decay`."""

TEMPO: Final = "tempo"
"""The engine's knob that follows the transport."""


@dataclass(frozen=True, slots=True)
class Knob:
    """A knob as the engine declares it; `smoothing_seconds` is how long it takes to follow."""

    name: str
    unit: str
    low: float
    high: float
    default: float
    curve: str
    smoothing_seconds: float
    help: str


def _engine() -> Any:  # noqa: ANN401 - the extension, or None; the doctor says how to build it
    try:
        from realtime import _dsp  # noqa: PLC0415 - it may be missing
    except ImportError:
        return None
    return _dsp


_DSP: Final = _engine()


def _is_fader(name: str) -> bool:
    return any(name in (f"part/{part}/level", f"part/{part}/mute") for part in BAND_PARTS)


def _knobs() -> tuple[Knob, ...]:
    if _DSP is None:
        return ()
    table: list[dict[str, Any]] = _DSP.parameters()
    return tuple(
        Knob(
            row["name"],
            row["unit"],
            row["min"],
            row["max"],
            row["default"],
            row["curve"],
            row["smoothing_seconds"],
            row["help"],
        )
        for row in table
        if row["name"] != TEMPO and not _is_fader(row["name"])
    )


KNOBS: Final[tuple[Knob, ...]] = _knobs()

INSTRUMENTS: Final[tuple[str, ...]] = () if _DSP is None else _DSP.INSTRUMENTS
"""Every instrument by name; the place is its number."""

INSTRUMENT_OF_PART: Final[dict[Part, str]] = (
    {} if _DSP is None else dict(zip(ALL_PARTS, _DSP.DEFAULT_INSTRUMENTS, strict=True))
)
"""What each part plays until it is told otherwise."""


def instrument_of_program(program: int, *, is_drums: bool) -> str:
    """The instrument that plays a General MIDI program, 0..127; empty where the engine is not built."""
    if _DSP is None:
        return ""
    return str((_DSP.GM_DRUM_KITS if is_drums else _DSP.GM_INSTRUMENTS)[program])
