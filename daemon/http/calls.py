"""What clients ask of the heart, and what came of it: questions go over the channel, answers find who asked."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec
import trio

from daemon.http.problem import Problem
from daemon.http.wire import SOURCE
from realtime.core.events import Value
from realtime.core.parameters import ACTIONS, PARAMETERS, BadValue, check_action, coerce

ANSWER_SECONDS: Final = 2.0
FRESH_SECONDS: Final = 0.02
"""A snapshot this young is the present."""

INPUTS_PER_SECOND: Final = 1_000
BURST: Final = 500
"""More inputs than this would cost the music too much of its own time; whoever sends them is told to wait."""


@dataclass(slots=True)
class _Call:
    answered: trio.Event = field(default_factory=trio.Event)
    reason: str = ""
    """Why the heart refused; empty if it did not."""


class Calls:
    """Inputs on their way to the heart.

    Args:
        channel: to the music.
        choices: what texts may be, by path, where only the heart can say.
    """

    def __init__(self, channel: trio.abc.SendStream, choices: Mapping[str, Sequence[str]]) -> None:
        self._channel = channel
        self._choices = choices
        self._lock = trio.Lock()
        self._calls: dict[str, _Call] = {}
        self._numbers = itertools.count(1)
        self._budget = float(BURST)
        self._counted_at = trio.current_time()
        self._questions: dict[int, trio.Event] = {}
        self._question: trio.Event | None = None
        """The one that new askers may join."""
        self._fresh_at = -1.0

    async def set_parameter(self, path: str, value: object) -> None:
        """Turns a knob, and returns when it is turned.

        Raises:
            Problem: there is none (404), it cannot hold that (422), or too much is asked (429, 503).
        """
        await self._call(path, (checked_value(path, value),))

    async def act(self, path: str, arguments: Sequence[object]) -> None:
        """Presses a button, and returns when the heart has done what it does.

        Raises:
            Problem: there is none (404), it takes other arguments or cannot be done now (422), or too much is asked.
        """
        await self._call(path, checked_arguments(path, arguments))

    async def play(self, pitch: int, velocity: int, channel: int) -> None:
        """A key, `velocity` 0 for its release, `channel` 1..16. Nobody answers."""
        if velocity:
            self._pay()
        await self._send({"in": "note", "args": (pitch, velocity, channel), "source": SOURCE})

    async def decide_guest(self, guest: str, allow: bool) -> None:  # noqa: FBT001 - the two ways to decide
        """Lets an address send OSC, or makes it a stranger again. Nobody answers; the state shows it."""
        await self._send({"guest": guest, "allow": allow})

    async def snapshot(self) -> None:
        """Returns when the mirror shows the present; who asks at the same time shares the answer."""
        if trio.current_time() - self._fresh_at < FRESH_SECONDS:
            return
        question = self._question
        if question is None:
            number = next(self._numbers)
            question = self._question = self._questions[number] = trio.Event()
            await self._send({"ask": number})
        with trio.move_on_after(ANSWER_SECONDS) as waiting:
            await question.wait()
        if waiting.cancelled_caught:
            raise _no_answer()

    def done(self, source: str) -> None:
        """The heart has dealt with an input: what was seen before is no longer the present."""
        self._fresh_at, self._question = -1.0, None
        call = self._calls.get(source)
        if call is not None:
            call.answered.set()

    def refused(self, source: str, reason: str) -> None:
        """The heart refused an input."""
        call = self._calls.get(source)
        if call is not None:
            call.reason = reason

    def refreshed(self, ask: int) -> None:
        """A snapshot has come; an answer to `ask`, if that is not 0."""
        self._fresh_at = trio.current_time()
        question = self._questions.pop(ask, None)
        if question is not None:
            question.set()
            self._question = None if question is self._question else self._question

    async def _call(self, path: str, arguments: Sequence[Value]) -> None:
        self._pay()
        source, call = f"{SOURCE}:{next(self._numbers)}", _Call()
        self._calls[source] = call
        try:
            with trio.move_on_after(ANSWER_SECONDS) as waiting:
                await self._send({"in": path, "args": arguments, "source": source})
                await call.answered.wait()
        finally:
            del self._calls[source]
        if waiting.cancelled_caught:
            raise _no_answer()
        if call.reason:
            raise self._refusal(path, arguments, call.reason)

    def _refusal(self, path: str, arguments: Sequence[Value], reason: str) -> Problem:
        """What the heart would not have, in the words of the interface."""
        if path in ACTIONS:
            return Problem(422, reason, field="arguments", value=arguments, allowed=ACTIONS[path].help)
        choices = self._choices.get(path)
        allowed = "one of " + ", ".join(choices) if choices else PARAMETERS[path].allowed
        return Problem(422, reason, field="value", value=arguments[0], allowed=allowed)

    def _pay(self) -> None:
        """Takes one input out of what a second may hold."""
        now = trio.current_time()
        self._budget = min(float(BURST), self._budget + (now - self._counted_at) * INPUTS_PER_SECOND)
        self._counted_at = now
        if self._budget < 1:
            detail = f"more than {INPUTS_PER_SECOND} inputs a second"
            raise Problem(429, detail, headers={"Retry-After": "1"})
        self._budget -= 1

    async def _send(self, message: dict[str, object]) -> None:
        line = msgspec.json.encode(message) + b"\n"
        with trio.CancelScope(shield=True):  # half a line would be no line
            async with self._lock:
                try:
                    await self._channel.send_all(line)
                except (trio.BrokenResourceError, trio.ClosedResourceError):
                    raise _no_answer() from None


def _no_answer() -> Problem:
    return Problem(503, "the band does not answer; it may be closing", headers={"Retry-After": "1"})


def checked_value(path: str, value: object) -> Value:
    """`value` as the parameter at `path` holds it. Stricter than OSC, whose faders have no eyes: nothing is clamped.

    Raises:
        Problem: there is no such parameter (404), or it cannot hold that (422).
    """
    if path not in PARAMETERS:
        raise Problem(404, f"{path:.80}: there is no such parameter; GET /api/live/parameters lists them all")
    allowed = PARAMETERS[path].allowed
    try:
        coerced = coerce(path, value)
    except BadValue as problem:
        raise Problem(422, str(problem), field="value", value=value, allowed=allowed) from None
    if coerced != value:
        raise Problem(422, f"{path}: {allowed}, but was {value!r:.80}", field="value", value=value, allowed=allowed)
    return coerced


def checked_arguments(path: str, arguments: Sequence[object]) -> tuple[Value, ...]:
    """The arguments of the action at `path`.

    Raises:
        Problem: there is no such action (404), or it takes others (422).
    """
    if path not in ACTIONS:
        raise Problem(404, f"{path:.80}: there is no such action; /openapi.json lists them all")
    spec, takes = ACTIONS[path], _count(path)
    if len(arguments) > spec.most_arguments:
        detail = f"{path}: {takes} ({spec.help}), but got {len(arguments)}"
        raise Problem(422, detail, field="arguments", value=arguments, allowed=takes)
    try:
        return check_action(path, arguments)
    except BadValue as problem:
        raise Problem(422, str(problem), field="arguments", value=arguments, allowed=takes) from None


def _count(path: str) -> str:
    """How many arguments an action takes, for people."""
    least, most = ACTIONS[path].least_arguments, ACTIONS[path].most_arguments
    if most == 0:
        return "takes no arguments"
    return f"takes {least} arguments" if least == most else f"takes {least} to {most} arguments"
