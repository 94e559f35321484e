"""A chart: the chords of a song as a musician writes them down, and where in it the player is.

    # Autumn in E flat                 a line that begins with # says nothing to us
    [A] |: Cm7 | F7 | Bbmaj7 | Ebmaj7 :|
    [B] | Am7b5 D7 | Gm7 | % | Gm7 / / C7 |

Bars stand between `|`; the chords of a bar share its beats evenly, `/` gives the one before another beat, `%` is the
bar before again, `N.C.` is silence, `|: … :|` is played twice, `[A]` names a section. The song repeats from the top.

The chart is one more expert, not a prison: it is believed as far as the player agrees with it, and when the player is
elsewhere in it, it is followed there.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from realtime.core.chord import BadChord, Chord, parse_chord

MAX_BARS: Final = 1024
MAX_CHART_CHARACTERS: Final = 16_384

_TOKEN: Final = re.compile(r"\|:|:\||\|\]|\|\||\||\[[^\]\n]*\]|[^\s|\[\]]+")
_SILENCE: Final = ("N.C.", "NC", "N")


class BadChart(ValueError):
    """A chart that cannot be read; the text says where, what was seen and what is allowed."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A song's chords, one a beat, and its sections as (first bar, name)."""

    beats: tuple[Chord | None, ...]
    beats_per_bar: int
    sections: tuple[tuple[int, str], ...] = ()

    @property
    def bars(self) -> int:
        """How many bars until it repeats."""
        return len(self.beats) // self.beats_per_bar

    def chord_at(self, beat: int) -> Chord | None:
        """The chord on a beat, counted from the top; the song goes round."""
        return self.beats[beat % len(self.beats)]


def parse_chart(text: str, beats_per_bar: int) -> Chart:
    """The chart that `text` writes down.

    Raises:
        BadChart: it is none; the text says where and why.
    """
    if len(text) > MAX_CHART_CHARACTERS:
        raise BadChart(f"a chart has at most {MAX_CHART_CHARACTERS} characters, but this has {len(text)}")
    reader = _ChartReader(beats_per_bar)
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.lstrip().startswith("#"):
            reader.line(number, line)
    return reader.finish()


def written(chart: Chart) -> str:
    """A chart as text, four bars a line; `parse_chart` reads it as the same chart.

    Names of sections lose what would end them, and chords are spelt with flats.
    """
    names: dict[int, str] = {}
    for bar, name in chart.sections:
        names[bar] = f"{names.get(bar, '')}[{re.sub(r'[^ -Z^-~]', ' ', name).strip()}] "
    lines: list[str] = []
    before: tuple[Chord | None, ...] | None = None
    in_line = 0
    for bar in range(chart.bars):
        beats = chart.beats[bar * chart.beats_per_bar : (bar + 1) * chart.beats_per_bar]
        if bar in names or in_line % 4 == 0:
            lines.append(names.get(bar, "") + "|")
            in_line = 0
        lines[-1] += f" {'%' if beats == before else _bar_text(beats)} |"
        before = beats
        in_line += 1
    ending = "".join(name for bar, name in sorted(names.items()) if bar >= chart.bars)
    return "\n".join(lines + [ending] * bool(ending)) + "\n"


def _bar_text(beats: tuple[Chord | None, ...]) -> str:
    """A bar with as few words as say it."""
    count = len(beats)
    for words in range(1, count + 1):
        chosen = [beats[-(-word * count // words)] for word in range(words)]
        if all(chosen[beat * words // count] == beats[beat] for beat in range(count)):
            break
    names = ["N.C." if chord is None else chord.name() for chord in chosen]
    return " ".join("/" if place and name == names[place - 1] else name for place, name in enumerate(names))


@dataclass(slots=True)
class _ChartReader:
    """Collects bars; knows where a repeat began."""

    beats_per_bar: int
    bars: list[list[Chord | None]] = field(default_factory=list)
    sections: list[tuple[int, str]] = field(default_factory=list)
    _words: list[str] = field(default_factory=list)
    _repeat_from: int = 0
    _number: int = 1

    def line(self, number: int, line: str) -> None:
        self._number = number
        for token in _TOKEN.findall(line):
            if token.startswith("["):
                self._close_bar()
                self.sections.append((len(self.bars), token[1:-1].strip()))
            elif token == ":|":
                self._close_bar()
                self._add(self.bars[self._repeat_from :])
                self._repeat_from = len(self.bars)
            elif token.startswith("|"):
                self._close_bar()
                if token == "|:":
                    self._repeat_from = len(self.bars)
            else:
                self._words.append(token)

    def finish(self) -> Chart:
        self._close_bar()
        if not any(chord for bar in self.bars for chord in bar):
            raise BadChart("a chart has chords between bar lines, as '| C | Am7 D7 |', but this has none")
        beats = tuple(chord for bar in self.bars for chord in bar)
        return Chart(beats, self.beats_per_bar, tuple(self.sections))

    def _add(self, bars: list[list[Chord | None]]) -> None:
        if len(self.bars) + len(bars) > MAX_BARS:
            raise BadChart(f"line {self._number}: a chart has at most {MAX_BARS} bars")
        self.bars += [list(bar) for bar in bars]

    def _close_bar(self) -> None:
        words, self._words = self._words, []
        if words == ["%"]:
            if not self.bars:
                raise BadChart(f"line {self._number}: % repeats the bar before, but this is the first")
            self._add(self.bars[-1:])
        elif words:
            self._add([self._spread(words)])

    def _spread(self, words: list[str]) -> list[Chord | None]:
        """A bar's words over its beats: evenly, the earlier ones longer where it does not come out even."""
        if len(words) > self.beats_per_bar:
            raise BadChart(
                f"line {self._number}: a bar has {self.beats_per_bar} beats, but this has {len(words)} chords: "
                f"{' '.join(words):.60}"
            )
        chords: list[Chord | None] = []
        for word in words:
            chords.append(chords[-1] if word == "/" and chords else self._chord(word))
        return [chords[beat * len(chords) // self.beats_per_bar] for beat in range(self.beats_per_bar)]

    def _chord(self, word: str) -> Chord | None:
        try:
            return None if word in _SILENCE else parse_chord(word)
        except BadChord as problem:
            raise BadChart(f"line {self._number}: {problem}") from None
