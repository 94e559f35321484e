"""`/api/live`: what the band does now, every knob and every button."""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from daemon.http.body import only, read_object
from daemon.http.calls import Calls
from daemon.http.live_paths import live_paths
from daemon.http.mirror import Mirror
from daemon.http.problem import Problem, as_json
from daemon.http.wire import StyleCard
from realtime.core.parameters import ACTIONS, PARAMETERS, Parameter

MOST_ARGUMENTS: Final = 16


class LiveApi:
    """The routes.

    Args:
        mirror: where everything stands.
        calls: how it is changed.
    """

    def __init__(self, mirror: Mirror, calls: Calls, styles: tuple[StyleCard, ...]) -> None:
        self._mirror = mirror
        self._calls = calls
        self._styles = styles

    def routes(self) -> list[Route]:
        """For the application."""
        return [
            Route("/api/live/state", self.state),
            Route("/api/live/styles", self.styles),
            Route("/api/live/parameters", self.parameters),
            Route("/api/live/parameters/{path:path}", self.parameter, methods=["GET", "PUT"]),
            Route("/api/live/actions", self.actions),
            Route("/api/live/actions/{path:path}", self.act, methods=["POST"]),
        ]

    def paths(self) -> dict[str, Any]:
        """For OpenAPI."""
        return live_paths()

    async def state(self, _: Request) -> Response:
        """Everything there is to see, as it stands."""
        await self._calls.snapshot()
        return as_json(self._mirror.state)

    async def styles(self, _: Request) -> Response:
        """What the band can play."""
        return as_json({"styles": self._styles, "playing": self._mirror.parameters.get("style", "")})

    async def parameters(self, _: Request) -> Response:
        """Every knob: where it stands, and what it may be."""
        return as_json({"parameters": [self._described(parameter) for parameter in PARAMETERS.values()]})

    async def parameter(self, request: Request) -> Response:
        """One knob; PUT turns it, and the answer comes when it is turned. It says where the knob stands."""
        parameter = self._known(request.path_params["path"])
        if request.method == "PUT":
            await self._turn(request, parameter)
        return as_json(self._described(parameter))

    async def _turn(self, request: Request, parameter: Parameter) -> None:
        content = await read_object(request)
        only(content, "value")
        if "value" not in content:
            detail = f"{parameter.path}: a value is needed"
            raise Problem(422, detail, field="value", value=None, allowed=parameter.allowed)
        await self._calls.set_parameter(parameter.path, content["value"])

    async def actions(self, _: Request) -> Response:
        """Every button."""
        return as_json({"actions": list(ACTIONS.values())})

    async def act(self, request: Request) -> Response:
        """Presses a button; the answer comes when the heart has done what it does."""
        path = request.path_params["path"]
        if path not in ACTIONS:
            raise Problem(404, f"{path:.80}: there is no such action; GET /api/live/actions lists them all")
        content = await read_object(request, may_be_empty=True)
        only(content, "arguments")
        arguments = content.get("arguments", [])
        if not isinstance(arguments, list) or len(arguments) > MOST_ARGUMENTS:
            allowed = f"a list of at most {MOST_ARGUMENTS}"
            raise Problem(422, f"arguments: {allowed}", field="arguments", value=arguments, allowed=allowed)
        await self._calls.act(path, arguments)
        return as_json({"path": path, "arguments": arguments})

    def _known(self, path: str) -> Parameter:
        if path not in PARAMETERS:
            raise Problem(404, f"{path:.80}: there is no such parameter; GET /api/live/parameters lists them all")
        return PARAMETERS[path]

    def _described(self, parameter: Parameter) -> dict[str, Any]:
        row = {"value": self._mirror.parameters.get(parameter.path), **described(parameter)}
        if parameter.path == "style":  # which there are, only the styles' folder knows
            row["choices"] = tuple(style.name for style in self._styles)
        return row


def described(parameter: Parameter) -> dict[str, Any]:
    """A knob in words and numbers, but for where it stands."""
    row: dict[str, Any] = {
        "path": parameter.path,
        "kind": parameter.kind,
        "default": parameter.default,
        "allowed": parameter.allowed,
        "unit": parameter.unit,
        "help": parameter.help,
    }
    if parameter.kind in ("float", "int"):
        row |= {"low": parameter.low, "high": parameter.high}
    if parameter.choices:
        row["choices"] = parameter.choices
    return row
