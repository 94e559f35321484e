"""Every knob there is, as a list for people and for programs: path, where it stands, what it may be, what it does."""

from daemon.console import Console
from realtime.core.parameters import PARAMETERS, Parameter
from realtime.core.sound_table import KNOBS, PREFIX

_ENGINES = {PREFIX + knob.name: knob for knob in KNOBS}


def list_knobs(console: Console) -> int:
    """`sideman config knobs`: what configuration's [parameters] and OSC's /sideman/ know."""
    knobs = [PARAMETERS[path] for path in sorted(PARAMETERS)]
    width = max(len(knob.path) for knob in knobs)
    lines = [f"{knob.path:<{width}}  {_standing(knob):<28}  {knob.help}" for knob in knobs]
    console.result({"knobs": [_row(knob) for knob in knobs]}, lines)
    return 0


def _standing(knob: Parameter) -> str:
    if knob.kind == "choice":
        return str(knob.default)
    if knob.kind in ("float", "int"):
        return f"{knob.default:g} ({knob.low:g} to {knob.high:g}{' ' if knob.unit else ''}{knob.unit})"
    return str(knob.default).lower()


def _row(knob: Parameter) -> dict[str, object]:
    row: dict[str, object] = {
        "path": knob.path,
        "kind": knob.kind,
        "default": knob.default,
        "allowed": knob.allowed,
        "unit": knob.unit,
        "help": knob.help,
    }
    engine = _ENGINES.get(knob.path)
    if engine is not None:
        row |= {"curve": engine.curve, "smoothing_seconds": round(engine.smoothing_seconds, 6)}
    return row
