"""The process that turns closed bars into tokens: JSON lines in on stdin, `tokens.jsonl` out.

Run as `python -m daemon.models.token_worker FILE`. It ends when stdin does, also when whoever fed it was killed.
"""

import os
import sys
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from daemon.models.bars import ClosedBar

SCHEMA: Final = 1


def work(source: BinaryIO, sink: BinaryIO) -> int:
    """Encodes bars until `source` ends; returns how many. A line that is no bar is left out.

    A bar that there are no tokens for (11/16, say) is written empty, with the reason.
    """
    from daemon.models.tokens import BarTokens  # noqa: PLC0415 - takes half a second

    tokens = BarTokens()
    header = {
        "sideman_tokens": SCHEMA,
        "tokenizer": "REMI",
        "fingerprint": tokens.fingerprint,
        "vocabulary": tokens.vocabulary_size,
    }
    sink.write(msgspec.json.encode(header) + b"\n")
    done = 0
    for line in source:
        try:
            bar = msgspec.json.decode(line, type=ClosedBar)
        except msgspec.MsgspecError:
            continue
        try:
            encoded = tokens.encode(bar)
            body = {"bar": encoded.number, "ids": encoded.ids, "tokens": encoded.tokens}
        except (ValueError, KeyError) as error:
            body = {"bar": bar.number, "ids": [], "tokens": [], "trouble": str(error)}
        sink.write(msgspec.json.encode(body) + b"\n")
        done += 1
    return done


def main() -> int:
    """Entry of the process."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python -m daemon.models.token_worker FILE\n")
        return 2
    # Unbuffered, so that every bar is in the file when the next one comes.
    with Path(sys.argv[1]).open("wb", buffering=0) as sink:
        work(sys.stdin.buffer, sink)
    return 0


if __name__ == "__main__":
    # All is written; taking the tokeniser's libraries down in order would keep whoever waits for us half a second.
    os._exit(main())
