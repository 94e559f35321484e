"""`/ws`: the state and every change of it to clients; knobs, buttons and keys from them. JSON objects both ways.

| we send | |
|---|---|
| `snapshot`, `at` | the whole state: first of all, and whenever the client could not keep up |
| `delta` | what changed, at most 30 times a second: fields of the state, and `parameters` by path |
| `events` | outputs of the heart as they happen, as the session log has them, each with its stamp `at` in µs |
| `done`, `id` / `error`, `id` | what came of a message that had an `id`; errors come in any case |
| `pong`, `now` | what `ping` held, and the session's clock in µs |

| a client sends | |
|---|---|
| `set` | parameters: {"energy": 0.7} |
| `do`, `arguments` | an action: "fill" |
| `note` | [pitch, velocity, channel]: a key, velocity 0 for its release; the channel may be left out |
| `ping` | anything |
"""

import contextlib
from typing import Any, Final

import msgspec

from daemon.http.calls import Calls
from daemon.http.crowd import Client, Frame, Listening
from daemon.http.mirror import Mirror
from daemon.http.problem import Problem

MOST_SET: Final = 64
_KNOWN: Final = frozenset({"set", "do", "arguments", "note", "ping", "id"})
_NOTE: Final = "[pitch 0..127, velocity 0..127, channel 1..16]"


class LiveListening(Listening):
    """One client's words."""

    def __init__(self, client: Client, mirror: Mirror, calls: Calls) -> None:
        self._client = client
        self._mirror = mirror
        self._calls = calls
        self._held: set[tuple[int, int]] = set()

    def afresh(self) -> tuple[Frame, ...]:
        """The whole state."""
        return (msgspec.json.encode({"snapshot": self._mirror.state, "at": self._mirror.at}).decode(),)

    async def take(self, words: Frame) -> None:
        """One message."""
        message: Any = None
        try:
            message = _object(words)
            await self._obey(message)
        except Problem as problem:
            answer: dict[str, Any] = {"error": problem.body}
        else:
            if "id" not in message or "ping" in message:
                return
            answer = {"done": True}
        if isinstance(message, dict) and "id" in message:
            answer["id"] = message["id"]
        self._client.offer(msgspec.json.encode(answer).decode())

    async def leave(self) -> None:
        """Keys that it held are let go."""
        with contextlib.suppress(Problem):  # the band has gone, too
            for channel, pitch in self._held:
                await self._calls.play(pitch, 0, channel)

    async def _obey(self, message: dict[str, Any]) -> None:
        for name in message:
            if name not in _KNOWN:
                raise Problem(422, f"{name:.80}: unknown field", field=name[:80], value=None, allowed=_names())
        if "ping" in message:
            self._client.offer(msgspec.json.encode({"pong": message["ping"], "now": self._mirror.now()}).decode())
        if "set" in message:
            await self._set(message["set"])
        if "do" in message:
            arguments = message.get("arguments", [])
            if not isinstance(message["do"], str) or not isinstance(arguments, list):
                raise Problem(422, "do: takes an action's path, and a list of arguments", field="do")
            await self._calls.act(message["do"], arguments)
        if "note" in message:
            await self._play(message["note"])

    async def _set(self, values: object) -> None:
        if not isinstance(values, dict) or len(values) > MOST_SET:
            raise Problem(422, f"set: takes an object of at most {MOST_SET} parameters", field="set")
        for path, value in values.items():
            await self._calls.set_parameter(path, value)

    async def _play(self, note: object) -> None:
        numbers = note if isinstance(note, list) else []
        if len(numbers) not in (2, 3) or not all(type(n) is int and 0 <= n <= 127 for n in numbers):
            raise Problem(422, f"note: takes {_NOTE}", field="note", value=note, allowed=_NOTE)
        pitch, velocity, channel = (*numbers, 1)[:3]
        if not 1 <= channel <= 16:
            raise Problem(422, f"note: takes {_NOTE}", field="note", value=note, allowed=_NOTE)
        if velocity:
            self._held.add((channel, pitch))
        else:
            self._held.discard((channel, pitch))
        await self._calls.play(pitch, velocity, channel)


def _object(words: Frame) -> dict[str, Any]:
    try:
        message = msgspec.json.decode(words)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Problem(400, f"this is not JSON: {error}") from None
    if not isinstance(message, dict):
        raise Problem(400, f"a message must be a JSON object, but was {message!r:.80}")
    return message


def _names() -> str:
    return ", ".join(sorted(_KNOWN))
