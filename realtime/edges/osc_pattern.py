"""OSC address patterns: one message to many knobs, as `/sideman/part/*/mute`."""

import re
from typing import Final

from realtime.core.osc_codec import PREFIX
from realtime.core.parameters import ACTIONS, PARAMETERS

_SIGNS: Final = re.compile(r"[*?\[{]")
_MAX_SIGNS: Final = 4
"""More would only cost time: nothing here has more than three parts."""


def expand(address: str) -> list[str]:
    """The addresses that `address` means: itself, if it is no pattern or matches nothing (then it is
    refused).

    OSC 1.0: `?` any character, `*` any characters within a part, `[a-z]`, `[!a-z]`, `{this,that}`.

    Thread: any one.
    """
    if not _SIGNS.search(address):
        return [address]
    if len(_SIGNS.findall(address)) > _MAX_SIGNS or not address.startswith(PREFIX):
        return [address]
    try:
        pattern = re.compile(_translate(address.removeprefix(PREFIX)))
    except re.error:
        return [address]
    found = [PREFIX + path for path in (*PARAMETERS, *ACTIONS) if pattern.fullmatch(path)]
    return found or [address]


def _translate(pattern: str) -> str:
    """The pattern as a regular expression; one that is malformed comes out as one that does not compile."""
    text, at = "", 0
    while at < len(pattern):
        sign = pattern[at]
        closing = {"[": "]", "{": "}"}.get(sign)
        end = pattern.find(closing, at) if closing else at
        inside = pattern[at + 1 : end]
        if end < 0:
            return "("
        if sign == "[":
            negated = inside.startswith("!")
            text += "[" + "^" * negated + re.escape(inside[negated:]).replace(r"\-", "-") + "]"
        elif sign == "{":
            text += "(?:" + "|".join(map(re.escape, inside.split(","))) + ")"
        else:
            text += {"*": "[^/]*", "?": "[^/]"}.get(sign, re.escape(sign))
        at = end + 1
    return text
