"""The surface as a Pure Data patch: plain text, and nothing that Pd itself does not have (0.51 or newer).

The widgets speak through Pd's own names, so that any other patch can join in: a number sent to `sideman/energy` goes to
the band as `/sideman/energy`, and `sideman/energy/is` receives what the band says of it. One socket sends and receives;
the band answers where it was asked from, so that no port needs to be chosen.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from daemon.layouts import palette
from daemon.layouts.surface import PAGE_HEIGHT, PAGE_WIDTH, Frame, Page, Widget

_NAME: Final = "sideman"
_RENEW_MILLIS: Final = 20_000
_FONT: Final = 11
_WIRE_ROWS: Final = 40

_CAPTION_SPACE: Final = 18
"""Below a bang, in pixels."""


class _Canvas:
    """A window of a patch: its lines, and the number of each object."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._cords: list[str] = []
        self._count = 0

    def put(self, line: str) -> int:
        """An object; its number."""
        self.lines.append(f"#X {line};")
        self._count += 1
        return self._count - 1

    def window(self, name: str, inside: "_Canvas", place: tuple[int, int]) -> int:
        """A window in this window, opened by a click; the number of its box."""
        self.lines += [f"#N canvas 60 60 {PAGE_WIDTH} {PAGE_HEIGHT} {name} 0;", *inside.text()]
        return self.put(f"restore {place[0]} {place[1]} pd {name}")

    def cord(self, source: int, outlet: int, sink: int, inlet: int = 0) -> None:
        """From an outlet to an inlet."""
        self._cords.append(f"#X connect {source} {outlet} {sink} {inlet};")

    def chain(self, *texts: str, x: int, y: int) -> tuple[int, int]:
        """Objects and messages below each other, each into the next; the first and the last."""
        numbers = [
            self.put(f"{text.split()[0]} {x} {y + 24 * n} {text.split(' ', 1)[1]}") for n, text in enumerate(texts)
        ]
        for source, sink in pairwise(numbers):
            self.cord(source, 0, sink)
        return numbers[0], numbers[-1]

    def text(self) -> list[str]:
        """All of it: cords come last."""
        return self.lines + self._cords


def patch(pages: Sequence[Page], osc_port: int) -> bytes:
    """The `.pd` file, for a band that listens on `osc_port` of this machine."""
    main = _Canvas()
    _draw(main, pages[0])
    below = PAGE_HEIGHT + 8
    for number, page in enumerate(pages[1:]):
        inside = _Canvas()
        _draw(inside, page)
        main.window(page.title, inside, (8 + 110 * number, below))
    widgets = [widget for page in pages for widget in page.widgets]
    main.window("out", _outgoing(widgets), (8 + 110 * len(pages), below))
    main.window("in", _incoming(widgets), (8 + 110 * (len(pages) + 1), below))
    _network(main, osc_port, below + 40)
    head = f"#N canvas 40 40 {PAGE_WIDTH} {PAGE_HEIGHT + 60} 12;"
    return ("\n".join([head, *main.text()]) + "\n").encode()


def _network(canvas: _Canvas, port: int, y: int) -> None:
    """The socket; a subscription that is renewed, and everything told once at the beginning."""
    canvas.put(f"text 8 {y} sideman on this machine: change the port in the message if it listens on another")
    _, connect = canvas.chain("obj loadbang", f"msg connect localhost {port}", x=8, y=y + 24)
    socket = canvas.put(f"obj 8 {y + 150} netsend -u -b")
    canvas.cord(connect, 0, socket)
    _, trimmed = canvas.chain(f"obj r {_NAME}/osc", "obj list prepend send", "obj list trim", x=200, y=y + 24)
    canvas.cord(trimmed, 0, socket)
    _, heard = canvas.chain("obj oscparse", "obj list trim", f"obj s {_NAME}/heard", x=8, y=y + 180)
    canvas.cord(socket, 1, heard - 2)
    connected = canvas.put(f"obj 400 {y + 24} sel 1")
    canvas.cord(socket, 0, connected)
    beginning = canvas.put(f"obj 400 {y + 48} t b b")
    canvas.cord(connected, 0, beginning)
    metro, _ = canvas.chain(
        f"obj metro {_RENEW_MILLIS}", f"obj oscformat {_NAME} subscribe", f"obj s {_NAME}/osc", x=400, y=y + 80
    )
    refresh, _ = canvas.chain(f"obj oscformat {_NAME} refresh", f"obj s {_NAME}/osc", x=600, y=y + 80)
    start = canvas.put(f"msg 340 {y + 80} 1")
    canvas.cord(beginning, 1, start)
    canvas.cord(start, 0, metro)
    canvas.cord(beginning, 0, refresh)


# ------------------------------------------------------------------------------------------- what is seen


def _draw(canvas: _Canvas, page: Page) -> None:
    """The page's widgets on their ground."""
    ground, words = palette.hexadecimal(palette.GROUND), palette.hexadecimal(palette.WORDS)
    canvas.put(f"obj 0 0 cnv 15 {PAGE_WIDTH} {PAGE_HEIGHT} empty empty empty 0 0 0 12 {ground} {words} 0")
    for widget in page.widgets:
        for line in _lines(widget):
            canvas.put(line)


def _lines(widget: Widget) -> list[str]:
    colour, words = palette.hexadecimal(palette.OF[widget.colour]), palette.hexadecimal(palette.WORDS)
    left, top, width, height = widget.control_frame
    name, told = f"{_NAME}/{widget.name}", f"{_NAME}/{widget.name}/is"
    side = min(width, height)
    match widget.kind:
        case "fader":
            kind = "vsl" if widget.is_upright else "hsl"
            low, high = widget.range
            size = f"{max(8, width - 4)} {max(8, height - 4)}"
            box = f"obj {left + 2} {top + 2} {kind} {size} {low:g} {high:g} 0 0 {name} {told} empty 0 -8 0 {_FONT}"
            return [f"{box} {colour} {words} {words} 0 1", *_caption(widget.caption, widget.caption_frame)]
        case "switch":
            box = f"obj {left} {top} tgl {side} 0 {name} {told} empty 0 -8 0 {_FONT} {colour} {words} {words}"
            return [f"{box} 0 1", *_caption(widget.caption, widget.caption_frame)]
        case "button" | "choice":
            # A bang is square: the caption stands on the ground beside or above it.
            edge = max(12, min(28, side - _CAPTION_SPACE))
            box = f"obj {left} {top} bng {edge} 120 30 0 {name} empty empty 0 0 0 {_FONT} {colour} {words} {words}"
            return [box, *_caption(widget.caption, (left, top + edge + 2, width, 16))]
        case "label":
            atom = "symbolatom" if widget.shows_text else "floatatom"
            cells = max(3, width // 8 - 1)
            value = f"{atom} {left + 2} {top + 4} {cells} 0 0 0 - {told} - 12"
            return [value, *_caption(widget.caption, widget.caption_frame)]


def _caption(text: str, frame: Frame) -> list[str]:
    """Words on the ground: a canvas of one pixel with a label, since a comment would be black."""
    left, top, _, _ = frame
    ground, words = palette.hexadecimal(palette.GROUND), palette.hexadecimal(palette.WORDS)
    label = text.replace(" ", "_")
    return [f"obj {left} {top} cnv 1 1 1 empty empty {label} 2 8 0 {_FONT} {ground} {words} 0"] if text else []


# ------------------------------------------------------------------------------------------- what is said


def _outgoing(widgets: Sequence[Widget]) -> _Canvas:
    """From each widget's name to an OSC address; a choice shows itself, for who chose is not told."""
    canvas = _Canvas()
    labels = {widget.path: widget for widget in widgets if widget.kind == "label"}
    for number, widget in enumerate(w for w in widgets if w.kind != "label"):
        row, column = number % _WIRE_ROWS, number // _WIRE_ROWS
        address = " ".join(widget.path.split("/"))
        match widget.argument:
            case None:
                said = ["obj bang"] if widget.kind == "button" else []
            case str(text):
                said = [f"msg symbol {text}"]
            case value:
                said = [f"msg {value:g}"]
        x, y = 8 + 480 * column, 8 + 120 * row
        sent = f"obj r {_NAME}/{widget.name}", *said, f"obj oscformat {_NAME} {address}", f"obj s {_NAME}/osc"
        first, _ = canvas.chain(*sent, x=x, y=y)
        if widget.kind == "choice" and widget.path in labels:
            shown = canvas.put(f"obj {x + 200} {y + 48} s {_NAME}/{labels[widget.path].name}/is")
            canvas.cord(first + 1, 0, shown)
    return canvas


class _Branch:
    """Where an address goes on: to further parts of it, and to what shows its value."""

    def __init__(self) -> None:
        self.parts: dict[str, _Branch] = {}
        self.widgets: list[Widget] = []


def _incoming(widgets: Sequence[Widget]) -> _Canvas:
    """From OSC addresses to whoever shows their values, part by part."""
    root = _Branch()
    for widget in widgets:
        if widget.kind in ("fader", "switch", "label"):
            branch = root
            for part in widget.path.split("/"):
                branch = branch.parts.setdefault(part, _Branch())
            branch.widgets.append(widget)
    canvas = _Canvas()
    _, ours = canvas.chain(f"obj r {_NAME}/heard", f"obj route {_NAME}", x=8, y=8)
    _grow(canvas, root, ours, 0, [2])
    return canvas


def _grow(canvas: _Canvas, branch: _Branch, source: int, outlet: int, row: list[int]) -> None:
    """One `route` for the parts that may follow, its last outlet for a value; rows of the window are used up."""
    x, y = 8 + 24 * (row[0] % 20), 8 + 26 * row[0]
    row[0] += 1
    if branch.parts:
        route = canvas.put(f"obj {x} {y} route {' '.join(branch.parts)}")
        canvas.cord(source, outlet, route)
        for number, following in enumerate(branch.parts.values()):
            _grow(canvas, following, route, number, row)
        source, outlet = route, len(branch.parts)
    for types in {widget.types: None for widget in branch.widgets}:
        shown = [widget for widget in branch.widgets if widget.types == types]
        _show(canvas, shown, source, outlet, row)


def _show(canvas: _Canvas, widgets: Sequence[Widget], source: int, outlet: int, row: list[int]) -> None:
    """The arguments that came, each to its widget. Faders and switches are set, and say nothing themselves."""
    x, y = 560, 8 + 26 * row[0]
    row[0] += 1
    if not widgets[0].types:
        for widget in widgets:
            first, _ = canvas.chain("msg set \\$1", f"obj s {_NAME}/{widget.name}/is", x=x, y=y)
            canvas.cord(source, outlet, first)
        return
    types = widgets[0].types
    whole = canvas.put(f"obj {x} {y} list append")
    canvas.cord(source, outlet, whole)
    parts = canvas.put(f"obj {x + 100} {y} unpack {' '.join('s' if t == 's' else 'f' for t in types)}")
    canvas.cord(whole, 0, parts)
    for widget in widgets:
        sink = canvas.put(f"obj {x + 260} {y + 24 * widget.shows} s {_NAME}/{widget.name}/is")
        canvas.cord(parts, widget.shows, sink)
