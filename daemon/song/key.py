"""Names of keys, as people write them: with the modes' other names, too."""

from typing import Final

from realtime.core.key_finder import BadKey, Key, parse_key

__all__ = ["BadKey", "key_named"]

_OTHER_NAMES: Final = {"ionian": "major", "aeolian": "minor", "dur": "major", "moll": "minor"}


def key_named(text: str) -> Key:
    """The key of "C", "f# minor", "Ebm", "D Dorian", "A aeolian".

    Raises:
        BadKey: it is none.
    """
    words = text.strip().split()
    if not words or len(words) > 2 or len(text) > 40:
        raise BadKey(f"a key is a note and perhaps a mode, but was {text!r:.40}")
    tonic = words[0][:1].upper() + words[0][1:]
    mode = words[1].lower() if len(words) == 2 else ""
    return parse_key(f"{tonic} {_OTHER_NAMES.get(mode, mode)}".strip())
