"""The surface as a Max patch: JSON, the widgets in presentation mode, their wiring behind them.

Max unpacks OSC by itself (`udpreceive`), takes a whole address as one word (`route`), and sets a widget without its
saying anything (`set`). The band tells the port of `osc.feedback_port` without being asked.
"""

import json
from collections.abc import Sequence
from typing import Any, Final

from daemon.layouts import palette
from daemon.layouts.surface import CAPTION_HEIGHT, PAGE_HEIGHT, PAGE_WIDTH, Frame, Page, Widget
from realtime.core.osc_codec import PREFIX

_VERSION: Final = {"major": 8, "minor": 5, "revision": 0, "architecture": "x64", "modernui": 1}
_BELOW: Final = 60
"""Room for the heading of each page, which stand below each other."""

_ROW: Final = 26


class _Patcher:
    """Boxes and lines, as the file has them."""

    def __init__(self) -> None:
        self.boxes: list[dict[str, Any]] = []
        self.lines: list[dict[str, Any]] = []
        self._row = 0

    def box(
        self, maxclass: str, inlets: int, outlets: Sequence[str], shown: Frame | None = None, **more: object
    ) -> str:
        """A box; its id. `shown` is its place in presentation mode."""
        number = len(self.boxes) + 1
        box: dict[str, Any] = {
            "id": f"obj-{number}",
            "maxclass": maxclass,
            "numinlets": inlets,
            "numoutlets": len(outlets),
            "patching_rect": [20.0 + 220 * (number % 5), 20.0 + _ROW * (number // 5), 200.0, 22.0],
            **more,
        }
        if outlets:
            box["outlettype"] = list(outlets)
        if shown is not None:
            box |= {"presentation": 1, "presentation_rect": [float(n) for n in shown]}
        self.boxes.append({"box": box})
        return f"obj-{number}"

    def object(self, text: str, inlets: int = 1, outlets: int = 1) -> str:
        """An object by its name and arguments."""
        return self.box("newobj", inlets, [""] * outlets, text=text)

    def message(self, text: str) -> str:
        """A message box: sends its text when it is struck."""
        return self.box("message", 2, [""], text=text)

    def line(self, source: str, sink: str, outlet: int = 0, inlet: int = 0) -> None:
        """From an outlet to an inlet."""
        self.lines.append({"patchline": {"source": [source, outlet], "destination": [sink, inlet]}})


def maxpat(pages: Sequence[Page], osc_port: int, feedback_port: int) -> bytes:
    """The `.maxpat` file, for a band that listens on `osc_port` of this machine and tells `feedback_port`."""
    patcher = _Patcher()
    sender = patcher.object(f"udpsend 127.0.0.1 {osc_port}", 1, 0)
    begun = patcher.object("loadbang")
    asked = patcher.message(f"{PREFIX}refresh {feedback_port}")
    patcher.line(begun, asked)
    patcher.line(asked, sender)
    shown: dict[str, list[tuple[Widget, str]]] = {}
    labels: dict[str, str] = {}
    for number, page in enumerate(pages):
        top = number * (PAGE_HEIGHT + _BELOW)
        patcher.box("comment", 1, [], (8, top + 20, PAGE_WIDTH, 30), text=page.title, fontsize=20.0)
        for widget in sorted(page.widgets, key=lambda widget: widget.kind != "label"):
            box = _draw(patcher, widget, top + _BELOW, sender, labels)
            if widget.kind in ("fader", "switch", "label"):
                shown.setdefault(PREFIX + widget.path, []).append((widget, box))
            if widget.kind == "label":
                labels[widget.path] = box
    _hear(patcher, feedback_port, shown)
    content = {
        "fileversion": 1,
        "appversion": _VERSION,
        "classnamespace": "box",
        "rect": [60.0, 80.0, PAGE_WIDTH + 40.0, PAGE_HEIGHT + 80.0],
        "openinpresentation": 1,
        "default_fontsize": 12.0,
        "boxes": patcher.boxes,
        "lines": patcher.lines,
    }
    return json.dumps({"patcher": content}, indent=1).encode()


def _draw(patcher: _Patcher, widget: Widget, top: int, sender: str, labels: dict[str, str]) -> str:
    """A widget, wired to speak; its id."""
    left, above, width, height = widget.control_frame
    frame = (left, above + top, width, height)
    if widget.has_caption_above:
        caption = (widget.frame[0], widget.frame[1] + top, width, CAPTION_HEIGHT + 2)
        patcher.box("comment", 1, [], caption, text=widget.caption, fontsize=11.0)
    colour = [round(one / 255, 3) for one in palette.OF[widget.colour]] + [1.0]
    match widget.kind:
        case "fader":
            low, high = widget.range
            size = high - low + 1 if widget.is_whole else high - low
            kind = {"min": low, "size": size, "floatoutput": int(not widget.is_whole)}
            box = patcher.box("slider", 1, [""], frame, parameter_enable=0, elementcolor=colour, **kind)
        case "switch":
            box = patcher.box("toggle", 1, ["int"], frame, parameter_enable=0, checkedcolor=colour)
        case "button" | "choice":
            box = patcher.box(
                "textbutton", 1, ["", "", "int"], frame, text=widget.caption, parameter_enable=0, bgcolor=colour
            )
            return _press(patcher, widget, box, sender, labels)
        case "label":
            size = 24.0 if height > 50 else 12.0
            return patcher.box("comment", 1, [], frame, text="", fontsize=size)
    said = patcher.object(f"prepend {PREFIX}{widget.path}")
    patcher.line(box, said)
    patcher.line(said, sender)
    return box


def _press(patcher: _Patcher, widget: Widget, box: str, sender: str, labels: dict[str, str]) -> str:
    """What a button says; a choice shows itself, for who chose is not told."""
    argument = "" if widget.argument is None else f" {widget.argument}"
    said = patcher.message(PREFIX + widget.path + argument)
    patcher.line(box, said)
    patcher.line(said, sender)
    if widget.kind == "choice" and widget.path in labels:
        shown = patcher.message(f"set{argument}")
        patcher.line(box, shown)
        patcher.line(shown, labels[widget.path])
    return box


def _hear(patcher: _Patcher, port: int, shown: dict[str, list[tuple[Widget, str]]]) -> None:
    """Who shows what is told on each address."""
    receiver = patcher.object(f"udpreceive {port}")
    route = patcher.object(f"route {' '.join(shown)}", 1, len(shown) + 1)
    patcher.line(receiver, route)
    for outlet, widgets in enumerate(shown.values()):
        for widget, box in widgets:
            setter = patcher.object("prepend set")
            patcher.line(setter, box)
            if len(widget.types) > 1:
                kinds = " ".join("s" if kind == "s" else "0." for kind in widget.types)
                parts = patcher.object(f"unpack {kinds}", 1, len(widget.types))
                patcher.line(route, parts, outlet)
                patcher.line(parts, setter, widget.shows)
            else:
                patcher.line(route, setter, outlet)
