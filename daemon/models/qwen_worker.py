"""The process that holds a Qwen model, or any other chat model that mlx-lm loads: JSON lines in, JSON lines out.

Run as `python -m daemon.models.qwen_worker FOLDER [ADAPTER]`; the adapter is a LoRA's folder. A request has
`messages` (a chat), and perhaps `max_tokens`, `temperature`, `seed` and `seconds`, after which the answer is cut. What
is said to stdout is answers and nothing else.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from daemon.models.limits import cap_memory
from daemon.models.qwen_adapter import BadAdapter, read_shapes

MOST_TOKENS = 2048
MOST_PROMPT_CHARACTERS = 20_000


class Chat:
    """A loaded model and its tokenizer."""

    def __init__(self, folder: Path, adapter: Path | None = None) -> None:
        from mlx_lm import load  # noqa: PLC0415 - seconds

        try:
            loaded = load(str(folder), adapter_path=None if adapter is None else str(adapter))
        except ValueError as problem:
            if adapter is None:
                raise
            first = str(problem).partition("\n")[0]
            raise BadAdapter(f"{adapter} is a LoRA for another model than {folder}: {first}") from None
        self._model, self._tokenizer = loaded[:2]
        if adapter is not None:
            self._check(adapter)

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

    def _check(self, adapter: Path) -> None:
        """Not every mlx-lm minds arrays that the model has no place for: a LoRA for another model would do nothing."""
        from mlx.utils import tree_flatten  # noqa: PLC0415

        wanted = {name: tuple(array.shape) for name, array in tree_flatten(self._model.parameters())}
        for name, shape in read_shapes(adapter).items():
            if wanted.get(name) != shape:
                raise BadAdapter(f"{adapter} is a LoRA for another model: {name} is {shape}, not {wanted.get(name)}")

    def _prompt(self, messages: list[dict[str, str]]) -> Any:  # noqa: ANN401 - text or tokens
        """The chat as the model's own template writes it, as tokens; as plain text where it has none."""
        if sum(len(message["content"]) for message in messages) > MOST_PROMPT_CHARACTERS:
            raise ValueError(f"the prompt has more than {MOST_PROMPT_CHARACTERS} characters")
        if getattr(self._tokenizer, "chat_template", None):
            return self._tokenizer.apply_chat_template(messages, add_generation_prompt=True)
        return "\n".join(message["content"] for message in messages) + "\n"


def main() -> int:
    """Entry of the process: ends when stdin does."""
    if len(sys.argv) not in (2, 3):
        sys.stderr.write("usage: python -m daemon.models.qwen_worker FOLDER [ADAPTER]\n")
        return 2
    cap_memory()
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # a folder is all it needs; never a silent download
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # libraries that print do so on stderr
    chat = Chat(*map(Path, sys.argv[1:]))
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
