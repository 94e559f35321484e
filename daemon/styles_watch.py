"""Watches the folder of the user's own styles: what is new there, or newly written, is given to the band."""

import json
from pathlib import Path

from daemon.styles_folder import MAX_STYLE_BYTES, read_mapping
from realtime.core.events import StyleGiven
from realtime.core.style_reader import StyleError, parse_style

Signature = tuple[int, int]
"""When a file was written, in nanoseconds, and how long it is."""


class StylesWatch:
    """Remembers how the files were when it last looked; as they are when it is made, nothing is new."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen = self._signatures()

    def look(self) -> list[StyleGiven | str]:
        """The styles written since the last look, by name; a line for each that cannot be played."""
        now = self._signatures()
        changed = [path for path, signature in sorted(now.items()) if self._seen.get(path) != signature]
        self._seen = now
        return [_read(path) for path in changed]

    def _signatures(self) -> dict[Path, Signature]:
        found = {}
        try:
            for path in self._folder.glob("*.toml"):
                status = path.stat()
                found[path] = (status.st_mtime_ns, status.st_size)
        except OSError:
            pass  # a file that goes as we look; the old style plays on
        return found


def _read(path: Path) -> StyleGiven | str:
    """The style in a file, as the log keeps it; or what is wrong with it, in one line."""
    try:
        mapping = read_mapping(path)
        parse_style(mapping, path.stem)
        text = json.dumps(mapping, ensure_ascii=False, separators=(",", ":"))
    except StyleError as problem:
        return f"{path}: {'; '.join(problem.problems)}; the style plays on as it was"
    except (OSError, ValueError, TypeError, RecursionError) as problem:
        return f"{path}: {problem}; the style plays on as it was"
    if len(text) > 4 * MAX_STYLE_BYTES:
        return f"{path}: is too large; the style plays on as it was"
    return StyleGiven(path.stem, text)
