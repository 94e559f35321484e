"""MIDI ports by name: ours, and which of others' a pattern means."""

import fnmatch
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from realtime.core.events import BAND_PARTS, Part

VIRTUAL_IN: Final = "sideman in"
VIRTUAL_OUT: Final = "sideman out"
OWN_PREFIX: Final = "sideman "
PART_OUT: Final[Mapping[Part, str]] = {part: OWN_PREFIX + part for part in BAND_PARTS}
"""The port of each part, where parts have their own."""


@dataclass(frozen=True, slots=True)
class PortPlan:
    """What is to be opened: name patterns of hardware to listen to and to play on, and how.

    `mpe` are patterns of inputs that are MPE keyboards and may not say so; `part_ports`: each part has an output of its
    own, too; `latency_ms`: how long outputs take until they sound, by pattern.
    """

    inputs: Sequence[str] = ()
    outputs: Sequence[str] = ()
    mpe: Sequence[str] = ()
    part_ports: bool = False
    latency_ms: Mapping[str, float] = field(default_factory=dict)


def matches(port: str, patterns: Sequence[str]) -> bool:
    """Whether a port's name matches one of `patterns`, by part of the name or by glob; capitals do not
    matter.

    "Midi Through", which only sends back what it is sent, is taken only where a pattern names it.

    Thread: any one.
    """
    name = stable_name(port).lower()
    for pattern in map(str.lower, patterns):
        if "midi through" in name and "through" not in pattern:
            continue
        if any(sign in pattern for sign in "*?["):
            if fnmatch.fnmatchcase(name, pattern):
                return True
        elif pattern and pattern in name:
            return True
    return False


def is_ours(port: str) -> bool:
    """Whether a port is one of our own, which are never connected to each other."""
    return port.lower().startswith(OWN_PREFIX)


def stable_name(port: str) -> str:
    """A port's name without the numbers that ALSA appends, which change when it is plugged in again."""
    return re.sub(r"\s+\d+:\d+$", "", port)
