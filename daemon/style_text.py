"""A style as the text of its file, laid out as a musician would."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

_LEGEND: Final = (
    "One character is a step of the grid:  . rest  - hold  g ghost  o soft  x normal  X accent",
    "Bass:  b the chord's bass, 1 to 8 its degrees, r m f l t exact semitones between them",
)


def style_text(mapping: Mapping[str, Any], remarks: Sequence[str]) -> str:
    """The TOML of a style's mapping, with `remarks` and what the rows' marks mean as comments at its top."""
    lines = [f"# {_printable(remark)}" for remark in remarks] + ["#"] + [f"# {line}" for line in _LEGEND] + [""]
    lines += [f"{key} = {_value(value)}" for key, value in mapping.items() if not _is_table(value)]
    for key, value in mapping.items():
        if key == "feel":
            lines += ["", "[feel]"]
            lines += [f"{voice} = {{ {_inline(entry)} }}" for voice, entry in value.items()]
        elif isinstance(value, Mapping):
            lines += _table(key, value)
        elif _is_table(value):
            lines += [line for one in value for line in ("", f"[[{key}]]", *_rows(one))]
    return "\n".join(lines) + "\n"


def _printable(text: str) -> str:
    """What of a text may stand in a comment."""
    return "".join(c if c.isprintable() else " " for c in text)


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, list) and bool(value) and isinstance(value[0], Mapping))


def _table(name: str, table: Mapping[str, Any]) -> list[str]:
    own = {key: value for key, value in table.items() if not isinstance(value, Mapping)}
    lines = ["", f"[{name}]", *_rows(own)] if own else []
    for key, value in table.items():
        if isinstance(value, Mapping):
            lines += _table(f"{name}.{key}", value)
    return lines


def _rows(rows: Mapping[str, object]) -> list[str]:
    width = max((len(key) for key in rows), default=0)
    return [f"{key:<{width}} = {_value(value)}" for key, value in rows.items()]


def _inline(entry: Mapping[str, object]) -> str:
    return ", ".join(f"{key} = {_value(value)}" for key, value in entry.items())


def _value(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)  # JSON's texts, numbers and lists are TOML's, too
