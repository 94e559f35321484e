"""A song by control alone: the script that Pure Data plays (tests/live), as inputs; and what must come of it.

Intro, A A B A, a fill, a break, an ending: each asked for by OSC, the chords played by `/sideman/note`.
"""

from pathlib import Path

from realtime.core.events import Beat, NoteOff, NoteOn, ParameterChanged, Stamped, TransportChanged
from realtime.core.osc_codec import decode
from realtime.core.units import Micros

SCRIPT = Path(__file__).parent / "live" / "song_by_control.txt"
BAR_MICROS = 1_000_000
BARS = {"intro": range(4), "A": (5, 6, 7, 9, 10, 11, 17, 18), "B": (12, 13, 14, 15), "fill": (19,), "break": (20,)}
"""Which bars are what, from 0; in bar 4 the band has just come in."""

END_BAR = 23
HARMONY = ("bass", "keys", "pad")


def value_of(word):
    try:
        return float(word)
    except ValueError:
        return word


def script():
    """The inputs that the text file stands for: `DELAY osc set ADDRESS…`, `DELAY osc list|symbol|bang ARGUMENTS…`."""
    inputs, at, address = [], 0, ""
    for line in SCRIPT.read_text(encoding="ascii").splitlines():
        delay, receiver, what, *words = line.rstrip(";").split()
        at += 1000 * int(delay)
        if receiver == "pd":
            break
        if what == "set":
            address = "/" + "/".join(words)
        else:
            inputs.append(Stamped(Micros(at), decode(address, [value_of(word) for word in words], "pd")))
    return inputs


def tell(outputs):
    """Checks what came out, whoever drove the band: sections in order, an end of its own, every note off."""
    started = [s.at for s in outputs if isinstance(s.event, TransportChanged) and s.event.playing]
    stopped = [s.at for s in outputs if isinstance(s.event, TransportChanged) and not s.event.playing]
    beats = [s for s in outputs if isinstance(s.event, Beat)]
    assert len(started) == len(stopped) == 1
    assert [s.event.bar for s in beats] == [bar for bar in range(1, END_BAR + 1) for _ in range(4)]
    turned = [s.event for s in outputs if isinstance(s.event, ParameterChanged)]
    assert [event.value for event in turned if event.path == "variation"] == ["A", "C", "A"]
    strokes = [s for s in outputs if isinstance(s.event, NoteOn) and s.event.part not in ("player",)]

    def bar_of(number, *parts):
        begin = beats[4 * number].at - BAR_MICROS // 32
        return [s for s in strokes if begin <= s.at < begin + BAR_MICROS and (not parts or s.event.part in parts)]

    def drums(bars):
        return sum(len(bar_of(bar, "drums")) for bar in bars) / len(bars)

    assert all(not bar_of(bar, *HARMONY) for bar in BARS["intro"][:3])
    assert drums(BARS["B"]) > 1.15 * drums(BARS["A"])
    assert all(bar_of(bar, part) for bar in BARS["B"] for part in ("bass", "keys"))
    tom_s = {s.event.pitch for s in bar_of(19, "drums")} - {s.event.pitch for s in bar_of(18, "drums")}
    assert tom_s or len(bar_of(19, "drums")) != len(bar_of(18, "drums"))
    hit = bar_of(20)
    assert hit
    late = [s for s in hit if s.at >= beats[80].at + BAR_MICROS // 5]
    assert all(s.event.part == "drums" and s.at > beats[83].at for s in late), "silence, and the snare calls"
    assert {"drums", *HARMONY[:2]} <= {s.event.part for s in bar_of(22)}
    assert beats[-1].event.tempo_bpm < 0.95 * beats[0].event.tempo_bpm
    assert stopped[0] > beats[-1].at
    assert not hanging(outputs)


def hanging(outputs):
    """The band's notes that are not let go."""
    owed = {}
    for stamped in sorted(outputs, key=lambda stamped: stamped.at):
        if isinstance(stamped.event, NoteOn | NoteOff) and stamped.event.part != "player":
            key = stamped.event.part, stamped.event.channel, stamped.event.pitch
            owed[key] = owed.get(key, 0) + (1 if isinstance(stamped.event, NoteOn) else -1)
    return {key: count for key, count in owed.items() if count}
