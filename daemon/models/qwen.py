"""Qwen, through mlx-lm, in a process of its own: melodies and words about harmony, or a plain reason why not."""

import importlib.util
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from daemon.models.child import ModelChild, ModelError
from daemon.models.melody_text import BadMelody, MelodyNote, MelodyOrder, messages_for, read_melody
from daemon.models.theory_text import BadTheory, checked
from daemon.models.theory_text import messages_for as theory_messages
from daemon.theory.analysis import Analysis
from daemon.worker_environment import worker_environment

DEFAULT_NAME: Final = "mlx-community/Qwen2.5-14B-Instruct-4bit"
LOADING_SECONDS: Final = 120.0
MEMORY_BYTES: Final = 24 << 30
"""A 14-billion model in four bits takes nine."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a model is, or what is missing and how to get it."""

    folder: Path | None
    seen: str
    fix: str = ""


def has_mlx() -> bool:
    """Whether mlx-lm is installed beside us."""
    return importlib.util.find_spec("mlx_lm") is not None


def find_qwen(named: str) -> Whereabouts:
    """The folder that `named` is, as a path or as a name in the local model cache; the default name where it is empty.

    Nothing is ever downloaded.
    """
    if named and Path(named).expanduser().is_dir():
        return _whole(Path(named).expanduser())
    name = named or DEFAULT_NAME
    if name.startswith((".", "/", "~")) or name.count("/") != 1:
        return Whereabouts(None, f"no folder {name}", "give a folder in mlx-lm's format, or a name as owner/model")
    snapshots = hub_cache() / f"models--{name.replace('/', '--')}" / "snapshots"
    newest = (
        sorted(snapshots.glob("*/config.json"), key=lambda path: path.stat().st_mtime) if snapshots.is_dir() else []
    )
    if newest:
        return _whole(newest[-1].parent)
    return Whereabouts(None, f"{name} is not in {hub_cache()}", f"sideman models install qwen, or: hf download {name}")


def hub_cache() -> Path:
    """Where the model hub's tools keep what was downloaded."""
    home = os.environ.get("HF_HOME") or str(Path.home() / ".cache" / "huggingface")
    return Path(os.environ.get("HF_HUB_CACHE") or Path(home) / "hub")


def _whole(folder: Path) -> Whereabouts:
    missing = [name for name in ("config.json", "tokenizer_config.json") if not (folder / name).is_file()]
    if missing or not list(folder.glob("*.safetensors")):
        what = ", ".join([*missing, *([] if list(folder.glob("*.safetensors")) else ["*.safetensors"])])
        return Whereabouts(None, f"{folder} has no {what}", "mlx_lm.convert makes such a folder")
    return Whereabouts(folder, str(folder))


@dataclass(slots=True)
class Qwen:
    """A chat model behind a child process. Every method answers in time or raises `ModelError`."""

    folder: Path
    memory_bytes: int = MEMORY_BYTES
    python: str = sys.executable
    adapter: Path | None = None
    """The folder of a LoRA for it."""
    _child: ModelChild = field(init=False)

    def __post_init__(self) -> None:
        command = [self.python, "-m", "daemon.models.qwen_worker", str(self.folder)]
        command += [str(self.adapter)] if self.adapter is not None else []
        environment = {**worker_environment(), "HF_HUB_OFFLINE": "1"}
        self._child = ModelChild(command, name="qwen", environment=environment, memory_bytes=self.memory_bytes)

    def wake(self, timeout_seconds: float = LOADING_SECONDS) -> None:
        """Loads the model, so that the next request does not wait for it."""
        self._child.ask({"op": "hello"}, timeout_seconds)

    def melody(self, order: MelodyOrder, *, timeout_seconds: float, seed: int = 0) -> list[MelodyNote]:
        """A melody over the chords of `order`.

        Raises:
            ModelError: there is none in time.
            BadMelody: what came is none.
        """
        answer = self._ask(messages_for(order), timeout_seconds, seed, 12 * order.length // 2 + 64)
        return read_melody(answer, order)

    def theory(self, analysis: Analysis, *, question: str = "", timeout_seconds: float) -> tuple[str, list[str]]:
        """An explanation and the ids of the entries it quotes.

        Raises:
            ModelError: there is none in time.
            BadTheory: it claims what the analysis does not support.
        """
        answer = self._ask(theory_messages(analysis, question), timeout_seconds, 0, 512)
        return checked(answer, analysis, question)

    def close(self) -> None:
        """Ends the process."""
        self._child.close()

    def _ask(self, messages: list[dict[str, str]], timeout_seconds: float, seed: int, max_tokens: int) -> str:
        if not self._child.is_running:
            self.wake()
        request: dict[str, Any] = {
            "messages": messages, "seed": seed, "max_tokens": max_tokens, "seconds": 0.9 * timeout_seconds,
        }  # fmt: skip
        return str(self._child.ask(request, timeout_seconds).get("text", ""))


__all__ = ["DEFAULT_NAME", "BadMelody", "BadTheory", "ModelError", "Qwen", "Whereabouts", "find_qwen", "has_mlx"]
