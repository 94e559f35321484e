"""The process that holds a Qwen model, or any other chat model that mlx-lm loads: JSON lines in, JSON lines out.

Run as `python -m daemon.models.qwen_worker FOLDER`. A request has `messages` (a chat), and perhaps `max_tokens`,
`temperature`, `seed` and `seconds`, after which the answer is cut. What is said to stdout is answers and nothing else.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from daemon.models.limits import cap_memory

MOST_TOKENS = 2048
MOST_PROMPT_CHARACTERS = 20_000


class Chat:
    """A loaded model and its tokenizer."""

    def __init__(self, folder: Path) -> None:
        from mlx_lm import load  # noqa: PLC0415 - seconds

        self._model, self._tokenizer = load(str(folder))[:2]

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """The text that continues `request["messages"]`."""
        import mlx.core as mx  # noqa: PLC0415
        from mlx_lm import stream_generate  # noqa: PLC0415
        from mlx_lm.sample_utils import make_sampler  # noqa: PLC0415

        mx.random.seed(int(request.get("seed", 0)))
        sampler = make_sampler(temp=float(request.get("temperature", 0.7)), top_p=0.95)
        limit = max(1, min(int(request.get("max_tokens", 512)), MOST_TOKENS))
        due = time.monotonic() + float(request.get("seconds", 60.0))
        text, tokens, reason = "", 0, None
        for piece in stream_generate(
            self._model, self._tokenizer, self._prompt(request["messages"]), max_tokens=limit, sampler=sampler
        ):
            text, tokens, reason = text + piece.text, piece.generation_tokens, piece.finish_reason
            if time.monotonic() > due:
                break
        return {"text": text, "tokens": tokens, "is_whole": reason == "stop"}

    def _prompt(self, messages: list[dict[str, str]]) -> Any:  # noqa: ANN401 - text or tokens
        """The chat as the model's own template writes it, as tokens; as plain text where it has none."""
        if sum(len(message["content"]) for message in messages) > MOST_PROMPT_CHARACTERS:
            raise ValueError(f"the prompt has more than {MOST_PROMPT_CHARACTERS} characters")
        if getattr(self._tokenizer, "chat_template", None):
            return self._tokenizer.apply_chat_template(messages, add_generation_prompt=True)
        return "\n".join(message["content"] for message in messages) + "\n"


def main() -> int:
    """Entry of the process: ends when stdin does."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python -m daemon.models.qwen_worker FOLDER\n")
        return 2
    cap_memory()
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # a folder is all it needs; never a silent download
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # libraries that print do so on stderr
    chat = Chat(Path(sys.argv[1]))
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"id": request["id"], **({} if request.get("op") == "hello" else chat.answer(request))}
        except (KeyError, TypeError, ValueError) as error:
            answer = {"id": request.get("id"), "error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
