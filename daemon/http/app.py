"""The application: every route, and how the news from the music reaches everyone."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import trio
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route, WebSocketRoute
from starlette.websockets import WebSocket

from daemon.config import is_loopback
from daemon.http.apis import Api, every_api
from daemon.http.calls import Calls
from daemon.http.crowd import Client, Crowd
from daemon.http.gate import Gate
from daemon.http.live_socket import LiveListening
from daemon.http.mirror import Mirror
from daemon.http.music import MusicApi
from daemon.http.openapi import openapi
from daemon.http.oscquery import Tree, host_info
from daemon.http.oscquery_api import OscListening, answer_node, packet_of
from daemon.http.page_files import PageFiles, wants_page
from daemon.http.pairing import Key, PairingApi
from daemon.http.problem import Problem, answer_fault, answer_http, answer_problem
from daemon.http.wire import Hello
from daemon.session_format import output_of

DELTA_SECONDS: Final = 1 / 30


class Web:
    """What clients see, and the news that changes it."""

    def __init__(self, hello: Hello, channel: trio.abc.SendStream) -> None:
        self._hello = hello
        self._styles = tuple(style.name for style in hello.styles)
        self._mirror = Mirror()
        self._calls = Calls(channel, {"style": self._styles})
        self._crowd = Crowd()
        self._osc_crowd = Crowd()
        self._listeners: dict[str, set[Client]] = {}
        self._tree = Tree(self._mirror, self._styles)
        self._page = PageFiles()
        self._key = Key(hello.token, hello.port)
        self.music = MusicApi(Path(hello.sessions).parent / "songs", hello.styles)
        self.apis: list[Api] = [*every_api(hello, self._mirror, self._calls), self.music]
        self._openapi = msgspec.json.encode(openapi(hello.version, [api.paths() for api in self.apis]))
        self.app = Starlette(
            routes=self._routes(),
            middleware=[Middleware(Gate, host=hello.host, key=self._key)],
            exception_handlers={Problem: answer_problem, HTTPException: answer_http, Exception: answer_fault},
        )

    # ------------------------------------------------------------------------------------------- the news

    def take(self, lines: list[bytes]) -> None:
        """Lines from the music, as they came together: one frame tells of them all."""
        events: list[Mapping[str, Any]] = []
        for line in lines:
            message = msgspec.json.decode(line)
            if "out" in message:
                self._take_output(message, events)
            elif "snapshot" in message:
                self._mirror.take_snapshot(message["snapshot"], message["t"])
                self._calls.refreshed(message["ask"])
            elif "sound" in message:
                self._mirror.take_sound(message["sound"])
            elif "guests" in message:
                self._mirror.take_guests(message["guests"])
            elif "done" in message:
                self._calls.done(message["done"])
        if events:
            self._crowd.offer(msgspec.json.encode({"events": events}).decode())

    def _take_output(self, message: dict[str, Any], events: list[Mapping[str, Any]]) -> None:
        output = message["out"]
        if output["type"] == "Rejected":
            self._calls.refused(output["source"], output["reason"])
        if self._mirror.take_output(output):
            events.append({**output, "at": message["t"]})
        told = self._mirror.take_event(output_of(output))
        if told is not None:
            self._tree.meet(*told)
            self._tell_osc(told[0])

    def _tell_osc(self, address: str) -> None:
        listeners = self._listeners.get(address)
        value = self._tree.value(address) if listeners else None
        if listeners and value is not None and (packet := packet_of(address, tuple(value))):
            for client in listeners:
                client.offer(packet)

    async def tell_changes(self) -> None:
        """What changed, 30 times a second at most, for ever."""
        while True:
            if changes := self._mirror.changes():
                self._crowd.offer(msgspec.json.encode({"delta": changes}).decode())
            await trio.sleep(DELTA_SECONDS)

    async def say_goodbye(self) -> None:
        """Says goodbye to every WebSocket; returns when all have gone."""
        for crowd in (self._crowd, self._osc_crowd):
            crowd.close()
        for crowd in (self._crowd, self._osc_crowd):
            await crowd.empty()

    # ----------------------------------------------------------------------------------------- the routes

    def _routes(self) -> list[BaseRoute]:
        self._api_routes = [route for api in self.apis for route in api.routes()]
        return [
            *self._api_routes,
            PairingApi(self._key, self._welcome).route(),
            Route("/openapi.json", self._describe),
            self._page.route(),
            WebSocketRoute("/ws", self._converse),
            WebSocketRoute("/{path:path}", self._converse_osc),
            Route("/{path:path}", self._node),
        ]

    async def _describe(self, _: Request) -> Response:
        return Response(self._openapi, media_type="application/json")

    async def _node(self, request: Request) -> Response:
        if wants_page(request):
            return self._page.index()
        self._judge_method(request)
        return answer_node(request, self._tree, lambda: host_info(self._hello, request.url.hostname or ""))

    def _judge_method(self, request: Request) -> None:
        """What is there for other methods alone is no OSC address that is not there."""
        allowed = [route.methods for route in self._api_routes if route.matches(request.scope)[0] is Match.PARTIAL]
        if allowed:
            raise HTTPException(405, headers={"Allow": ", ".join(sorted(set().union(*filter(None, allowed))))})

    async def _welcome(self, host: str) -> None:
        """A device that has come in by the page may send OSC, too."""
        if not is_loopback(host):
            await self._calls.decide_guest(host, allow=True)

    async def _converse(self, websocket: WebSocket) -> None:
        await self._crowd.converse(websocket, lambda client: LiveListening(client, self._mirror, self._calls))

    async def _converse_osc(self, websocket: WebSocket) -> None:
        await self._osc_crowd.converse(websocket, lambda client: OscListening(client, self._tree, self._listeners))
