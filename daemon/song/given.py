"""Chords of the user's own: symbols or Roman numerals, with bar lines or a chord a bar."""

import re
from dataclasses import replace
from typing import Final

from daemon.song.colour import Change
from daemon.song.form import plan_form
from daemon.song.harmony import Harmony, joined
from daemon.song.key import BadKey, key_named
from daemon.song.request import MAX_BARS, SongRequest
from realtime.core.chart import BadChart, Chart, parse_chart
from realtime.core.chord import Chord
from realtime.core.degrees import parse_degrees
from realtime.core.key_finder import Key

_FLATTENED: Final = re.compile(r"(?<![b#♭♯A-Za-z])(VII|VI|III)(?![Iiø])")
"""In a minor key these stand on the lowered degrees, as musicians write them."""

_SYMBOL: Final = re.compile(r"[A-G]")


def check_chords(request: SongRequest) -> str:
    """What is wrong with the chords of a request; empty if nothing."""
    try:
        key = key_named(request.key)
    except BadKey:
        key = Key(0, minor=False)
    try:
        given_chart(request.chords or "", key, 4)
    except BadChart as problem:
        return str(problem)
    return ""


def given_chart(text: str, key: Key, beats_per_bar: int) -> Chart:
    """The chart that `text` writes down: in symbols, or in degrees of `key`.

    Raises:
        BadChart: it cannot be read; the text says what was seen and what is allowed.
    """
    plain = " ".join(
        text.replace(",", " ").replace(" - ", " ").replace("–", " ").replace("♭", "b").replace("♯", "#").split()
    )
    barred = plain if "|" in plain else " | ".join(plain.split())
    words = [word for word in re.split(r"[\s|:]+", barred) if word and not word.startswith("[")]
    if words and any(_SYMBOL.match(word) for word in words):
        chart = parse_chart(barred, beats_per_bar)
    else:
        degrees = _FLATTENED.sub(r"b\1", barred) if key.minor else barred
        chart = parse_degrees(degrees, beats_per_bar)
        chart = replace(chart, beats=tuple(c and c.transposed(key.tonic) for c in chart.beats))
    if chart.bars > MAX_BARS:
        raise BadChart(f"a piece has at most {MAX_BARS} bars, but this has {chart.bars}")
    return chart


def given_harmony(chart: Chart, key: Key, bars: int | None, form: str) -> Harmony:
    """The harmony of a chart, as long as it is, or going round for `bars` bars; silences keep the chord before."""
    length = bars or chart.bars
    beats: list[Chord] = []
    home = Chord(key.tonic, "m" if key.minor else "", key.tonic)
    for beat in range(length * chart.beats_per_bar):
        beats.append(chart.chord_at(beat) or (beats[-1] if beats else home))
    changes = joined([Change(beat, 1, chord) for beat, chord in enumerate(beats)])
    return Harmony(key, chart.beats_per_bar, length, tuple(changes), plan_form(form, length))
