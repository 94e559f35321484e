"""The surface as a TouchOSC layout: zlib-compressed XML, one tab a page, with a script that listens.

The script (hexler.net/touchosc/manual/script-examples) writes into labels what the band tells, lights the button of the
value that a parameter has, and subscribes again every twenty seconds. Faders and switches listen by themselves.
"""

import uuid
import zlib
from collections.abc import Iterable, Sequence
from typing import Final

import py2tosc
from py2tosc import ButtonType, Control, Conversion, Orientation, OscMessage, TriggerCondition, ui

from daemon.layouts import palette
from daemon.layouts.surface import PAGE_HEIGHT, PAGE_WIDTH, TAB_HEIGHT, Frame, Page, Widget
from realtime.core.osc_codec import PREFIX

_NAMES: Final = uuid.uuid5(uuid.NAMESPACE_URL, "sideman/layout")
"""The same layout twice is the same file twice."""

_WORDS: Final = palette.hexadecimal(palette.WORDS)

_SCRIPT: Final = """\
local PORT = {port}
local RENEW_MILLIS = 20000
local renewed

local function shown(value)
  if type(value) ~= 'number' then return tostring(value) end
  if value == math.floor(value) then return string.format('%d', value) end
  return string.format('%.2f', value)
end

local LABELS = {{
{labels}
}}

local CHOICES = {{
{choices}
}}

function update()
  local now = getMillis()
  if renewed == nil or now - renewed > RENEW_MILLIS then
    sendOSC('/sideman/subscribe', PORT)
    if renewed == nil then sendOSC('/sideman/refresh', PORT) end
    renewed = now
  end
end

local function show(path, arguments)
  for _, label in ipairs(LABELS[path] or {{}}) do
    local argument = arguments[label[2]]
    local control = self:findByName(label[1], true)
    if argument and control then control.values.text = shown(argument.value) end
  end
  local choices = CHOICES[path]
  if choices and arguments[1] then
    for value, choice in pairs(choices) do
      local control = self:findByName(choice[1], true)
      local bright = value == arguments[1].value and 1 or {shade}
      if control then control.color = Color(choice[2] * bright, choice[3] * bright, choice[4] * bright, 1) end
    end
  end
end

function onReceiveOSC(message, connections)
  show(message[1], message[2])
  return false
end

function onReceiveNotify(path, value)
  show(path, {{{{value = value}}}})
end
"""

_CHOSEN: Final = """\
function onValueChanged(key)
  if key == 'touch' and self.values.touch then root:notify('{address}', '{value}') end
end
"""
"""Who chooses is not told by the band what was chosen: the button tells the surface itself."""


def tosc(pages: Sequence[Page], feedback_port: int) -> bytes:
    """The `.tosc` file; it asks the band to tell `feedback_port` of the device."""
    groups = [
        _control(
            Control("GROUP", children=[part for widget in page.widgets for part in _parts(widget)]),
            page.title,
            (0, TAB_HEIGHT, PAGE_WIDTH, PAGE_HEIGHT),
        )
        for page in pages
    ]
    whole = (0, 0, PAGE_WIDTH, PAGE_HEIGHT + TAB_HEIGHT)
    pager = _control(ui.pager(*groups), "pages", whole)
    root = _control(Control("GROUP", children=[pager]), "sideman", whole, script=_script(pages, feedback_port))
    document = py2tosc.Document(root=root)
    document.resolve()
    return zlib.compress(document.dumps(validate=True).encode(), 9)


def _control(control: Control, name: str, frame: Frame, **properties: object) -> Control:
    control.id = str(uuid.uuid5(_NAMES, name))
    for key, value in {"name": name, "frame": frame, **properties}.items():
        control.set(key, value)
    if "color" not in properties:
        control.set("color", palette.hexadecimal(palette.GROUND))
    return control


def _parts(widget: Widget) -> Iterable[Control]:
    """The control, and the label that says what it is."""
    colour = palette.OF[widget.colour]
    left, top, width, height = widget.control_frame
    match widget.kind:
        case "fader":
            yield _fader(widget)
        case "switch":
            values = [py2tosc.Value("x", default=widget.default_share), py2tosc.Value("touch")]
            message = ui.osc(PREFIX + widget.path, args=[ui.value("x", conversion=Conversion.INTEGER)])
            button = Control("BUTTON", messages=[message], values=values)
            yield _control(
                button,
                widget.name,
                widget.control_frame,
                color=palette.hexadecimal(colour),
                button_type=ButtonType.TOGGLE_RELEASE,
            )
        case "button" | "choice":
            button = Control("BUTTON", messages=[_press(widget)])
            is_lit = widget.kind == "button"
            shade = palette.hexadecimal(colour if is_lit else palette.shaded(colour))
            script = {} if is_lit else {"script": _CHOSEN.format(address=PREFIX + widget.path, value=widget.argument)}
            yield _control(button, widget.name, widget.frame, color=shade, corner_radius=2.0, **script)
        case "label":
            yield _words(widget.name, "", (left, top, width, height), size=min(48, height // 2, width // 5))
    if widget.caption:
        frame = widget.caption_frame if widget.has_caption_above else widget.frame
        size = 13 if widget.has_caption_above else min(18, max(9, 17 * width // (11 * len(widget.caption))))
        yield _words(f"{widget.name}/caption", widget.caption, frame, size=size)


def _fader(widget: Widget) -> Control:
    conversion = Conversion.INTEGER if widget.is_whole else Conversion.FLOAT
    message = ui.osc(PREFIX + widget.path, args=[ui.value("x", conversion=conversion, scale=widget.range)])
    low, high = widget.range
    values = [py2tosc.Value("x", default=widget.default_share), py2tosc.Value("touch")]
    return _control(
        Control("FADER", messages=[message], values=values),
        widget.name,
        widget.control_frame,
        color=palette.hexadecimal(palette.OF[widget.colour]),
        orientation=Orientation.NORTH if widget.is_upright else Orientation.EAST,
        grid_steps=round(high - low) + 1 if widget.is_whole and high - low <= 40 else 11,
    )


def _press(widget: Widget) -> OscMessage:
    """Sent when a finger goes down; the button's colour may change without anything being sent."""
    match widget.argument:
        case None:
            arguments = []
        case str(text):
            arguments = [ui.const(text)]
        case number:
            arguments = [ui.const(f"{number:g}", conversion=Conversion.INTEGER)]
    return ui.osc(PREFIX + widget.path, args=arguments, on=TriggerCondition.RISE, var="touch", receive=False)


def _words(name: str, text: str, frame: Frame, *, size: int) -> Control:
    label = Control("LABEL", values=[py2tosc.Value("text", default=text), py2tosc.Value("touch")])
    return _control(label, name, frame, text_size=size, text_color=_WORDS, background=False, outline=False)


def _script(pages: Sequence[Page], port: int) -> str:
    labels: dict[str, list[str]] = {}
    choices: dict[str, list[str]] = {}
    for widget in (widget for page in pages for widget in page.widgets):
        address = PREFIX + widget.path
        if widget.kind == "label":
            labels.setdefault(address, []).append(f"{{'{widget.name}', {widget.shows + 1}}}")
        elif widget.kind == "choice":
            red, green, blue = (f"{one / 255:.3f}" for one in palette.OF[widget.colour])
            place = f"['{widget.argument}'] = {{'{widget.name}', {red}, {green}, {blue}}}"
            choices.setdefault(address, []).append(place)
    return _SCRIPT.format(port=port, labels=_table(labels), choices=_table(choices), shade=palette.SHADE)


def _table(rows: dict[str, list[str]]) -> str:
    return "\n".join(f"  ['{address}'] = {{{', '.join(row)}}}," for address, row in rows.items())
