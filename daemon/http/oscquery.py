"""OSCQuery (github.com/Vidvox/OSCQueryProposal): every OSC address as a JSON node, at its own path.

A node has FULL_PATH and DESCRIPTION; a container CONTENTS; a method TYPE, ACCESS, and where they make sense VALUE,
RANGE and UNIT. Parameters are read and written, actions written, what the band tells is read.
"""

from collections.abc import Sequence
from typing import Any, Final

from daemon.http.mirror import Mirror
from daemon.http.wire import Hello
from realtime.core.events import BAND_PARTS
from realtime.core.osc_codec import PREFIX
from realtime.core.parameters import ACTIONS, PARAMETERS, ActionSpec, Parameter

ATTRIBUTES: Final = ("FULL_PATH", "CONTENTS", "DESCRIPTION", "TYPE", "ACCESS", "VALUE", "RANGE", "UNIT")
_READ, _WRITE, _BOTH = 1, 2, 3

_TOLD: Final[dict[str, tuple[str, str]]] = {
    "beat": ("iif", "a beat begins: bar, beat, tempo"),
    "chord/now": ("sf", "the chord heard: symbol, confidence"),
    "chord/next": ("sff", "the chord foreseen: symbol, probability, beats away"),
    "key/now": ("sf", "the key heard: name, confidence"),
    "section": ("siif", "a section begins: letter, bar, whether it returns, confidence"),
    "song/now": ("sif", "the song recognised: name, bar, confidence"),
    "transport/state": ("ifs", "playing, tempo, metre"),
    "turn": ("sf", "who has the word, trading or answering: player or solo, beats"),
    "clock/state": ("ssff", "what is followed: none, locking, locked or lost; port, or player; tempo; confidence"),
    "midi/bound": ("ssss", "a MIDI message was bound: target, message, port, mode"),
    "midi/forgotten": ("sss", "a MIDI message is music again: target, message, port"),
    "error": ("s", "something sent made no sense"),
    **{f"part/{part}/note": ("ii", f"a note of the {part}: pitch, velocity") for part in BAND_PARTS},
}
"""What the band tells, without `/sideman/`: types and meaning."""

_TYPES: Final = {"float": "f", "int": "i", "choice": "s", "text": "s"}


def host_info(hello: Hello, asked: str) -> dict[str, Any]:
    """`?HOST_INFO`. Where we listen everywhere, we are where the client `asked` for us."""
    return {
        "NAME": "sideman",
        "OSC_IP": _reached(hello.osc_host, asked),
        "OSC_PORT": hello.osc_port,
        "OSC_TRANSPORT": "UDP",
        "WS_IP": _reached(hello.host, asked),
        "WS_PORT": hello.port,
        "EXTENSIONS": {
            **dict.fromkeys(("ACCESS", "VALUE", "RANGE", "DESCRIPTION", "UNIT"), True),
            **dict.fromkeys(("LISTEN", "IGNORE"), True),
            **dict.fromkeys(("TAGS", "CLIPMODE", "EXTENDED_TYPE", "CRITICAL", "OVERLOADS", "HTML"), False),
        },
    }


def _reached(host: str, asked: str) -> str:
    return asked if asked and host in ("0.0.0.0", "::") else host


class Tree:
    """Every address, as nodes.

    Args:
        mirror: where values stand.
        styles: the names of the styles, which are the range of `style`.
    """

    def __init__(self, mirror: Mirror, styles: tuple[str, ...]) -> None:
        self._mirror = mirror
        self._methods: dict[str, dict[str, Any]] = {}
        self._children: dict[str, list[str]] = {"/": []}
        for parameter in PARAMETERS.values():
            self._add(PREFIX + parameter.path, _of_parameter(parameter, styles))
        for action in ACTIONS.values():
            self._add(PREFIX + action.path, _of_action(action))
        for path, (types, about) in _TOLD.items():
            self._add(PREFIX + path, {"TYPE": types, "ACCESS": _READ, "DESCRIPTION": about})
        self._add(PREFIX + "note", {"TYPE": "iii", "ACCESS": _WRITE, "DESCRIPTION": "a key: pitch, velocity, channel"})

    def __contains__(self, path: str) -> bool:
        return path in self._children

    @property
    def methods(self) -> tuple[str, ...]:
        """Every address that is more than a container."""
        return tuple(self._methods)

    def meet(self, path: str, values: Sequence[object]) -> None:
        """An address that the band tells something on: it becomes a node, if it was none."""
        if path not in self._methods:
            self._add(path, {"TYPE": "".join(_tag(value) for value in values), "ACCESS": _READ})

    def node(self, path: str) -> dict[str, Any]:
        """A node and all below it.

        Raises:
            KeyError: there is none.
        """
        method = self._methods.get(path, {"ACCESS": 0})
        node: dict[str, Any] = {"FULL_PATH": path, **method}
        value = self.value(path)
        if value is not None:
            node["VALUE"] = value
            if method["TYPE"] == "T":
                node["TYPE"] = "T" if value[0] else "F"
        if children := self._children[path]:
            node["CONTENTS"] = {child.rpartition("/")[2]: self.node(child) for child in children}
        return node

    def value(self, path: str) -> list[object] | None:
        """The values that an address holds; None if it holds none."""
        name = path.removeprefix(PREFIX)
        if name in PARAMETERS:
            return [self._mirror.parameters.get(name, PARAMETERS[name].default)]
        told = self._mirror.told.get(path)
        return None if told is None else list(told)

    def _add(self, path: str, method: dict[str, Any]) -> None:
        # `chord` is an action and holds `chord/now`; where an address is told of as well as set, setting it wins.
        self._methods.setdefault(path, method)
        self._place(path)

    def _place(self, path: str) -> None:
        if path not in self._children:
            self._children[path] = []
            parent = path.rpartition("/")[0] or "/"
            self._place(parent)
            self._children[parent].append(path)


def _tag(value: object) -> str:
    """The OSC type of a value."""
    if isinstance(value, bool):
        return "T"
    return "i" if isinstance(value, int) else "f" if isinstance(value, float) else "s"


def _of_parameter(parameter: Parameter, styles: tuple[str, ...]) -> dict[str, Any]:
    node: dict[str, Any] = {
        "TYPE": _TYPES.get(parameter.kind, "T"),
        "ACCESS": _BOTH,
        "DESCRIPTION": parameter.help,
    }
    choices = styles if parameter.path == "style" else parameter.choices
    if choices:
        node["RANGE"] = [{"VALS": list(choices)}]
    elif parameter.kind in ("float", "int"):
        node["RANGE"] = [{"MIN": parameter.low, "MAX": parameter.high}]
    if parameter.unit:
        node["UNIT"] = [parameter.unit]
    return node


def _of_action(action: ActionSpec) -> dict[str, Any]:
    """The table does not say of what kind arguments are: a single one that must be there is a text, others numbers."""
    if action.most_arguments == 0:
        types = "N"
    else:
        types = "s" if action.least_arguments == action.most_arguments == 1 else "f" * action.most_arguments
    return {"TYPE": types, "ACCESS": _WRITE, "DESCRIPTION": action.help}
