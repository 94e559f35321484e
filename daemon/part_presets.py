"""What each part plays of a SoundFont: words such as `bass=33` or `keys=Rhodes`, looked up in the bank."""

from collections.abc import Iterable, Sequence
from typing import Final

from realtime.core.events import ALL_PARTS

PERCUSSION_BANK: Final = 128

Preset = tuple[int, int, str]
"""Bank, program and name."""


def find_presets(words: Iterable[str], presets: Sequence[Preset]) -> tuple[dict[str, tuple[int, int]], list[str]]:
    """Bank and program by part, and a line for each word that means nothing.

    A word is a part, `=`, and a program (of bank 0, or of the drums' bank), a bank and a program as `8:4`, or the name
    of a preset or the beginning of one.
    """
    chosen: dict[str, tuple[int, int]] = {}
    troubles = []
    for word in words:
        part, _, wanted = (text.strip() for text in word.partition("="))
        found = _find(part, wanted, presets)
        if part not in ALL_PARTS:
            troubles.append(f"audio.presets: {word!r}: there is no part {part!r}, but {', '.join(ALL_PARTS)}")
        elif found is None:
            troubles.append(f"audio.presets: {word!r}: the SoundFont has no such preset; {part} plays as it would")
        else:
            chosen[part] = found
    return chosen, troubles


def _find(part: str, wanted: str, presets: Sequence[Preset]) -> tuple[int, int] | None:
    bank, colon, program = wanted.rpartition(":")
    if program.isdecimal() and (bank.isdecimal() or not colon):
        usual = PERCUSSION_BANK if part == "drums" else 0
        numbers = (int(bank) if colon else usual, int(program))
        return numbers if any(preset[:2] == numbers for preset in presets) else None
    folded = wanted.casefold()
    named = [preset for preset in presets if folded and preset[2].casefold().startswith(folded)]
    named.sort(key=lambda preset: len(preset[2]))
    return named[0][:2] if named else None
