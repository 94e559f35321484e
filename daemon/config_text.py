"""A configuration written as the TOML text a musician would edit."""

import json
from collections.abc import Mapping


def as_toml(sections: Mapping[str, Mapping[str, object]]) -> list[str]:
    """The lines of a TOML file with one table a section."""
    lines = []
    for section, keys in sections.items():
        lines += ["", f"[{section}]"] + [f"{_key(key)} = {_value(value)}" for key, value in keys.items()]
    return lines


def _key(key: str) -> str:
    return key if key.replace("_", "").isalnum() else f'"{key}"'


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(str(key))} = {_value(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, tuple) and any(isinstance(inner, Mapping) for inner in value):
        return "[" + ", ".join(map(_value, value)) + "]"
    # JSON's texts, numbers and lists are TOML's, too.
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
