"""Where a command's result and its remarks go."""

import json
import sys
from typing import Any


class Console:
    """Where results and remarks go: one JSON object or plain lines on stdout, everything else on stderr."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def result(self, data: dict[str, Any], lines: list[str]) -> None:
        """What was asked for: `data` for programs, `lines` for people."""
        if self.as_json:
            print(json.dumps(data, ensure_ascii=False, default=str), flush=True)
        else:
            for line in lines:
                print(line, flush=True)

    def show(self, lines: list[str]) -> None:
        """Something to look at, such as a picture made of letters."""
        print("\n".join(lines), file=sys.stderr, flush=True)

    def say(self, remark: str) -> None:
        """A remark for people."""
        print(f"sideman: {remark}", file=sys.stderr, flush=True)
