"""OSCQuery over HTTP and WebSocket: nodes by GET, changes by LISTEN as OSC packets."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from daemon.http.crowd import Client, Frame, Listening
from daemon.http.oscquery import ATTRIBUTES, Tree
from daemon.http.problem import Problem, as_json
from realtime.edges.osc_packet import BadPacket, build


def answer_node(request: Request, tree: Tree, info: Callable[[], Mapping[str, Any]]) -> Response:
    """GET of an OSC address: its node, one attribute of it, or HOST_INFO.

    Raises:
        Problem: there is no such address (404), or no such attribute (400).
    """
    path = request.url.path.rstrip("/") or "/"
    wanted = list(request.query_params)
    if "HOST_INFO" in wanted:
        return as_json(info())
    if path not in tree:
        raise Problem(404, f"{path:.80}: there is nothing here; / lists every address, /openapi.json the API")
    node = tree.node(path)
    if not wanted:
        return as_json(node)
    attribute = wanted[0]
    if attribute not in ATTRIBUTES:
        allowed = ", ".join((*ATTRIBUTES, "HOST_INFO"))
        raise Problem(400, f"{attribute:.80}: no such attribute", field="query", value=attribute, allowed=allowed)
    return as_json({attribute: node[attribute]}) if attribute in node else Response(status_code=204)


class OscListening(Listening):
    """One client that speaks OSCQuery: it says what it wants to hear.

    Args:
        listeners: who wants to hear which address; shared by all clients.
    """

    def __init__(self, client: Client, tree: Tree, listeners: dict[str, set[Client]]) -> None:
        self._client = client
        self._tree = tree
        self._listeners = listeners

    def afresh(self) -> list[Frame]:
        """The values of everything the client listens to."""
        wanted = (path for path, clients in self._listeners.items() if self._client in clients)
        return [packet for path in wanted if (packet := self._packet(path))]

    async def take(self, words: Frame) -> None:
        """{"COMMAND": "LISTEN" or "IGNORE", "DATA": an address}. Anything else is passed over, as the proposal asks."""
        try:
            message = msgspec.json.decode(words)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return
        if not isinstance(message, dict) or not isinstance(message.get("DATA"), str):
            return
        path = message["DATA"]
        if message.get("COMMAND") == "LISTEN" and path in self._tree:
            self._listeners.setdefault(path, set()).add(self._client)
            if packet := self._packet(path):
                self._client.offer(packet)
        elif message.get("COMMAND") == "IGNORE" and path in self._listeners:
            self._forget(path)

    async def leave(self) -> None:
        """Nothing is wanted any more."""
        for path in list(self._listeners):
            self._forget(path)

    def _packet(self, path: str) -> bytes:
        value = self._tree.value(path)
        return b"" if value is None else packet_of(path, tuple(value))

    def _forget(self, path: str) -> None:
        self._listeners[path].discard(self._client)
        if not self._listeners[path]:
            del self._listeners[path]


def packet_of(address: str, values: tuple[object, ...]) -> bytes:
    """The OSC packet of a value; empty where OSC has none."""
    try:
        return build((address, values))
    except BadPacket:
        return b""
