"""The sentences of an explanation, each with what in the analysis supports it and what knowledge it quotes."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from daemon.theory.analysis import Analysis, ReadChord
from daemon.theory.cadence import Cadence
from daemon.theory.reading import DOMINANT, SUBDOMINANT, TONIC
from realtime.core.units import PITCH_CLASS_NAMES_FLAT, PITCH_CLASS_NAMES_SHARP

_ENTRY_OF_KIND: Final = {
    "secondary dominant": "secondary-dominant", "secondary leading tone": "secondary-leading-tone",
    "related ii": "related-two", "tritone substitute": "tritone-substitute", "augmented sixth": "augmented-sixth",
    "backdoor dominant": "backdoor-dominant", "borrowed": "borrowed-chord", "neapolitan": "neapolitan",
    "dominant of minor": "dominant-of-minor", "blues": "blues-seventh", "passing diminished": "passing-diminished",
    "common-tone diminished": "common-tone-diminished", "suspended": "suspended", "augmented": "augmented-dominant",
}  # fmt: skip
_ENTRY_OF_CADENCE: Final = {
    "authentic": "cadence-authentic", "inverted authentic": "cadence-inverted", "plagal": "cadence-plagal",
    "minor plagal": "cadence-minor-plagal", "half": "cadence-half", "phrygian half": "cadence-phrygian",
    "deceptive": "cadence-deceptive", "backdoor": "cadence-backdoor", "tritone": "cadence-tritone",
    "leading-tone": "cadence-leading-tone",
}  # fmt: skip
_ENTRY_OF_SCHEMA: Final = {
    "ii–V–I": "two-five-one", "minor ii–V–i": "two-five-one", "iii–VI–ii–V turnaround": "turnaround",
    "I–vi–ii–V turnaround": "turnaround", "I–vi–IV–V (doo-wop)": "four-chord-loop", "royal road": "royal-road",
    "I–V–vi–IV (axis)": "four-chord-loop", "vi–IV–I–V (axis)": "four-chord-loop",
    "i–VI–III–VII (axis in minor)": "four-chord-loop", "Andalusian cadence": "andalusian", "lament bass": "andalusian",
    "Pachelbel sequence": "line-sequence", "double plagal": "double-plagal", "circle of fifths": "circle-of-fifths",
    "twelve-bar blues": "twelve-bar-blues", "gospel passing chord to vi": "gospel-walkup",
    "thirds cycle (Coltrane changes)": "coltrane-changes",
}  # fmt: skip
_ENTRY_OF_FUNCTION: Final = {
    TONIC: "function-tonic", SUBDOMINANT: "function-subdominant", DOMINANT: "function-dominant",
}  # fmt: skip
_ENTRY_OF_FAULT: Final = {
    "parallel fifths": "parallel-fifths", "parallel octaves": "parallel-fifths", "unresolved seventh": "sevenths-fall",
    "unresolved leading tone": "leading-tone-rises",
}  # fmt: skip


_MOST: Final = 0.45
_FEW: Final = 6
"""A function is named as the main one where this share of so many chords has it."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is said; `support` names the part of the analysis that it rests on, `entry` the knowledge it draws on."""

    text: str
    support: str
    entry: str | None = None


def sentences(analysis: Analysis) -> Iterator[Sentence]:
    """All that the analysis supports, from the key to the measures."""
    yield from _of_keys(analysis)
    yield from _of_functions(analysis)
    yield from _of_special_chords(analysis)
    yield from _of_cadences(analysis)
    yield from _of_schemata(analysis)
    yield from _of_voices(analysis)
    yield from _of_complexity(analysis)


def _of_keys(analysis: Analysis) -> Iterator[Sentence]:
    numerals = " ".join(read.reading.numeral for read in analysis.chords[:32])
    more = " …" if len(analysis.chords) > 32 else ""
    mode = f"mode-{analysis.key.mode}" if analysis.key.mode else None
    main = f"in {analysis.key.name}" if len(analysis.regions) == 1 else f"mostly in {analysis.key.name}"
    yield Sentence(f"The progression is {main}: {numerals}{more}.", "key", mode)
    for change in analysis.modulations:
        chord = _named(analysis.chords[change.index])
        how = " without a chord in common"
        if change.pivot is not None:
            how = "; the pivot is {} of the old and {} of the new key".format(*change.pivot)
        text = f"At {chord} it moves from {change.old.name} to {change.new.name}{how}."
        entry = "modulation-pivot" if change.pivot is not None else "modulation-direct"
        yield Sentence(text, f"modulations[{change.index}]", entry)


def _of_functions(analysis: Analysis) -> Iterator[Sentence]:
    letters = {TONIC: "T", SUBDOMINANT: "S", DOMINANT: "D"}
    path = "–".join(letters.get(read.reading.function, "x") for read in analysis.chords[:32])
    counts = Counter(read.reading.function for read in analysis.chords)
    function, count = counts.most_common(1)[0]
    share = count / len(analysis.chords)
    said, entry = f"Its functions are {path}.", None
    if share >= _MOST and len(analysis.chords) >= _FEW:
        said = f"Its functions are {path}; {share:.0%} of the chords are {function}."
        entry = _ENTRY_OF_FUNCTION.get(function)
    yield Sentence(said, "chords[].function", entry)


def _of_special_chords(analysis: Analysis) -> Iterator[Sentence]:
    """One sentence for each reading that is not plainly of the key, the first time it comes."""
    told: set[tuple[str, str]] = set()
    for index, read in enumerate(analysis.chords):
        kind = read.reading.kind
        if kind in ("diatonic", "melodic minor") or (read.reading.numeral, kind) in told:
            continue
        told.add((read.reading.numeral, kind))
        following = analysis.chords[index + 1] if index + 1 < len(analysis.chords) else None
        yield Sentence(_special(read, following), f"chords[{index}].kind", _ENTRY_OF_KIND.get(kind))


def _special(read: ReadChord, following: ReadChord | None) -> str:
    name, reading = _named(read), read.reading
    article = "the" if reading.kind == "dominant of minor" else "an" if reading.kind[0] in "aeiou" else "a"
    if reading.kind in ("chromatic", "suspended", "borrowed", "blues"):
        what = {
            "chromatic": "lies outside the key and points to nothing that follows",
            "suspended": "holds back its third",
            "borrowed": "is borrowed from the parallel key",
            "blues": "is a seventh of the blues, a colour rather than a tension",
        }[reading.kind]
        return f"{name} ({reading.numeral}) {what}."
    said = f"{name} is {article} {reading.kind}, {reading.numeral}"
    if reading.target is None:
        return said + "."
    names = PITCH_CLASS_NAMES_FLAT if read.key.uses_flats else PITCH_CLASS_NAMES_SHARP
    goal = names[reading.target]
    if reading.resolves and following is not None:
        return f"{said}, and goes where it points, to {_named(following)}."
    return f"{said}; it points to {goal}{'' if following is None else ', which does not follow'}."


def _of_cadences(analysis: Analysis) -> Iterator[Sentence]:
    closing = [cadence for cadence in analysis.cadences if cadence.ends_phrase]
    for cadence in closing[:8]:
        yield Sentence(_cadence(analysis, cadence), f"cadences[{cadence.index}]", _ENTRY_OF_CADENCE[cadence.kind])
    inner = Counter(cadence.kind for cadence in analysis.cadences if not cadence.ends_phrase)
    if inner:
        listed = ", ".join(f"{kind} {count}" for kind, count in sorted(inner.items()))
        yield Sentence(f"Cadences within phrases: {listed}.", "cadences")
    if not closing:
        yield Sentence("No phrase of it ends with a cadence: it goes round, or stays open.", "cadences")


def _cadence(analysis: Analysis, cadence: Cadence) -> str:
    here, before = analysis.chords[cadence.index], analysis.chords[cadence.index - 1]
    a = "An" if cadence.kind[0] in "aeiou" else "A"
    return f"{a} {cadence.kind} cadence, {_named(before)} to {_named(here)}, ends the phrase in bar {_bar(here)}."


def _of_schemata(analysis: Analysis) -> Iterator[Sentence]:
    places: dict[str, list[str]] = {}
    for found in analysis.schemata:
        places.setdefault(found.name, []).append(str(_bar_of(analysis, found.first)))
    for name, bars in places.items():
        listed = ", ".join(bars[:8]) + (" …" if len(bars) > 8 else "")
        word = "bar" if len(bars) == 1 else "bars"
        yield Sentence(f"{_capital(name)}: from {word} {listed}.", "schemata", _ENTRY_OF_SCHEMA.get(name))


def _of_voices(analysis: Analysis) -> Iterator[Sentence]:
    voices = analysis.voice_leading
    if len(analysis.chords) < 2:
        return
    whose = "In the smoothest four parts" if voices.is_own else "In the voicings given"
    yield Sentence(
        f"{whose} the upper voices move {voices.mean_motion:.1f} semitones a change; "
        f"{voices.stepwise:.0%} of them stay or step, {voices.common_tones:.0%} keep a common tone.",
        "voice_leading",
        "smooth-voices",
    )
    faults = Counter(fault.kind for fault in voices.faults)
    for kind, count in sorted(faults.items()):
        times = "once" if count == 1 else f"{count} times"
        yield Sentence(f"{_capital(kind)}: {times}.", "voice_leading.faults", _ENTRY_OF_FAULT.get(kind))
    if not faults:
        yield Sentence("No parallel fifths or octaves; sevenths and leading tones resolve.", "voice_leading.faults")


def _of_complexity(analysis: Analysis) -> Iterator[Sentence]:
    measured = analysis.complexity
    yield Sentence(
        f"Complexity {measured.grade} of 10: neighbours are {measured.mean_distance:.1f} apart in tonal pitch space, "
        f"the chords carry {measured.entropy_bits:.1f} bits, "
        f"{measured.chromaticity:.0%} of their notes lie outside the key.",
        "complexity",
        "tonal-pitch-space",
    )


def _named(read: ReadChord) -> str:
    """The chord's symbol, spelt as its numeral is: #iv° of C is F#dim."""
    raised = read.reading.numeral.startswith("#")
    return read.step.chord.name(flats=read.key.uses_flats and not raised)


def _capital(name: str) -> str:
    """With a capital, unless it begins with a numeral, in which a capital means something else."""
    return name if re.match("[iv]+[–-]", name) else name[0].upper() + name[1:]


def _bar(read: ReadChord) -> int:
    return int(read.step.bar + 1e-9) + 1


def _bar_of(analysis: Analysis, index: int) -> int:
    return _bar(analysis.chords[index])
