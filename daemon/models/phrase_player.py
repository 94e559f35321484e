"""The phrase model from its folder: the one that ships, or the user's own; and who answers with it offline.

A folder is as mlx-lm has it: `config.json`, `model.safetensors`, and `tokenizer.json`, whose words must be ours.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from daemon.config import Config, ConfigError
from realtime.core.events import Input, Output, Stamped
from realtime.core.phrase_events import PhraseWanted
from realtime.core.phrase_model.improviser import Improviser
from realtime.core.phrase_words import WORDS
from realtime.core.units import Micros

if TYPE_CHECKING:
    from realtime._dsp import PhraseKernel

EMBEDDED: Final = ("", "embedded")
OFF: Final = "off"
MODEL_PARAMETER: Final = "solo/model"
MAX_FILE_BYTES: Final = 256_000_000
ANSWER_SECONDS: Final = 0.05
"""How long a phrase can be waited for."""

NOT_HERE: Final = "the phrase model that ships is not here: the rules play solos"
MODELLED_MICROS: Final = 40_000
"""How long an answer is taken to need where time is not real: what four takes need on a slow core."""

_C_MAJOR: Final = 0b101010110101
_C_CHORD: Final = 0b000010010001


class BadPhraseModel(ValueError):
    """A folder that holds no phrase model of ours; the text says what is wrong with which file."""


@dataclass(frozen=True, slots=True)
class PhrasePlayer:
    """A model that is ready, and what to call it."""

    improviser: Improviser
    kernel: "PhraseKernel"
    """The improviser's."""
    name: str

    @property
    def size(self) -> int:
        """How many numbers it has learnt."""
        return self.kernel.size


def load_phrase_player(config: Config) -> PhrasePlayer | None:
    """The model that `models.phrase` names; None where it is off, or the one that ships is not there.

    Raises:
        BadPhraseModel: the folder named holds none.
    """
    where = config.models.phrase
    if where == OFF:
        return None
    if where in EMBEDDED:
        folder: Traversable = resources.files("daemon").joinpath("weights", "phrase")
        return _load(folder, "embedded") if folder.joinpath("config.json").is_file() else None
    return _load(Path(where).expanduser(), where)


def own_folder(config: Config) -> str:
    """The user's own model that `models.phrase` names; empty where it names none."""
    return "" if config.models.phrase in (*EMBEDDED, OFF) else config.models.phrase


def ready_phrase_player(config: Config, say: Callable[[str], None]) -> tuple[Config, PhrasePlayer | None]:
    """The model, and the configuration of a band that asks it; `say` tells people where there is none.

    Raises:
        ConfigError: the folder that `models.phrase` names holds none.
    """
    try:
        player = load_phrase_player(config)
    except BadPhraseModel as problem:
        raise ConfigError([f"models.phrase: {problem}"]) from None
    if player is None:
        if config.models.phrase != OFF:
            say(NOT_HERE)
        return config, None
    # Ours is ready, but by what is measured (`evaluate solos`) the rules' phrases are nearer to the player's: who wants
    # the model says so, by naming it or by the switch.
    is_named = bool(config.models.phrase)
    return replace(config, parameters={MODEL_PARAMETER: is_named, **config.parameters}), player


def _load(folder: Traversable, name: str) -> PhrasePlayer:
    try:
        from realtime._dsp import PhraseKernel  # noqa: PLC0415 - only where it is played with
    except ImportError as error:
        raise BadPhraseModel(f"the phrase model needs the engine, which is not built: {error}") from None
    config, weights, tokenizer = (
        _read(folder, file) for file in ("config.json", "model.safetensors", "tokenizer.json")
    )
    _check_words(tokenizer, name)
    try:
        kernel = PhraseKernel(config, weights)
    except ValueError as error:
        raise BadPhraseModel(f"{name}: {error}") from None
    if kernel.vocabulary != len(WORDS):
        raise BadPhraseModel(f"{name}: vocab_size must be {len(WORDS)}, but is {kernel.vocabulary}")
    return PhrasePlayer(Improviser(kernel), kernel, name)


def _read(folder: Traversable, file: str) -> bytes:
    place = folder.joinpath(file)
    try:
        data = place.read_bytes()
    except OSError as error:
        raise BadPhraseModel(f"{place}: cannot be read: {error.strerror or error}") from None
    if len(data) > MAX_FILE_BYTES:
        raise BadPhraseModel(f"{place}: is larger than {MAX_FILE_BYTES} bytes")
    return data


def _check_words(tokenizer: bytes, name: str) -> None:
    """The numbers of a tokenizer must mean what ours mean."""
    try:
        told = msgspec.json.decode(tokenizer)
        words = {word["content"]: word["id"] for word in told["added_tokens"]}
    except (msgspec.MsgspecError, ValueError, RecursionError, KeyError, TypeError) as error:
        raise BadPhraseModel(f"{name}: tokenizer.json: is no tokenizer: {error}") from None
    wrong = next((word for number, word in enumerate(WORDS) if words.get(word) != number), None)
    if wrong is not None:
        raise BadPhraseModel(
            f"{name}: tokenizer.json: {wrong} must be word {WORDS.index(wrong)}, but is {words.get(wrong, 'none')}"
        )


def two_bars(seed: int) -> PhraseWanted:
    """A request for two bars after two bars in eighths, to measure with."""
    return PhraseWanted(
        number=1,
        role="answer",
        genre="jazz",
        quarters=4,
        triple=False,
        shift=0,
        heard=tuple(n for place in range(16) for n in (place * 6, 6, 60 + (0, 2, 4, 7)[(place + seed) * 3 % 4])),
        chords=(0, 0),
        start=96,
        end=192,
        low=58,
        high=82,
        harmony=(_C_MAJOR * 0x1001 | _C_CHORD << 24,) * 8,
        seed=seed,
    )


def answer_seconds(player: PhrasePlayer, tries: int = 3) -> float:
    """How long the model takes for one take of two bars, at best."""
    best = 1e9
    for seed in range(tries):
        began = time.perf_counter()
        player.improviser.answer(two_bars(seed), lambda _: False)
        best = min(best, time.perf_counter() - began)
    return best


def look(config: Config) -> tuple[bool, str, str, bool]:
    """For `doctor`: whether all is well, what there is, what to do about it, and whether that is serious."""
    fix = "name a folder with one, models.phrase=FOLDER, or models.phrase=off"
    if config.models.phrase == OFF:
        return True, "off: the rules play solos", "", False
    try:
        player = load_phrase_player(config)
    except BadPhraseModel as problem:
        return False, str(problem), fix, True
    if player is None:
        return False, NOT_HERE, fix, False
    took = answer_seconds(player)
    slow = "" if took < ANSWER_SECONDS else "slower than a phrase can wait: the rules will play most solos"
    seen = f"{player.name}, {player.size / 1e6:.1f} M numbers, a phrase in {took * 1e3:.0f} ms"
    return not slow, seen, slow, False


@dataclass(slots=True)
class InlineAnswers:
    """Answers what the heart wants at once, as if it had taken `MODELLED_MICROS`: the same every time."""

    improviser: Improviser

    def __call__(self, stamped: Stamped[Output]) -> Stamped[Input] | None:
        """The answer, if there is one wanted."""
        wanted = stamped.event
        if not isinstance(wanted, PhraseWanted) or not wanted.number:
            return None
        return Stamped(Micros(stamped.at + MODELLED_MICROS), self.improviser.answer(wanted))
