"""What went wrong with a request, as `application/problem+json` (RFC 9457) that names the field and what is allowed."""

from http import HTTPStatus
from typing import Final

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

MEDIA_TYPE: Final = "application/problem+json"


class Problem(Exception):
    """A request that cannot be met.

    Args:
        status: the HTTP status.
        detail: what was seen, for people.
        field, value, allowed: which part of the request it is, what stood there, and what may stand there.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        field: str = "",
        value: object = None,
        allowed: str = "",
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = headers or {}
        self.body: dict[str, object] = {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": detail,
        }
        if field:
            self.body |= {"field": field, "value": _short(value), "allowed": allowed}

    def response(self) -> Response:
        """The answer."""
        return Response(msgspec.json.encode(self.body), self.status, self.headers, MEDIA_TYPE)


def _short(value: object) -> object:
    """A value as the answer repeats it: nobody needs a megabyte back."""
    text = repr(value)
    return value if len(text) <= 200 else text[:200] + "…"


def as_json(content: object, status: int = 200) -> Response:
    """An answer."""
    return Response(msgspec.json.encode(content), status, media_type="application/json")


async def answer_problem(_: Request, problem: Exception) -> Response:
    """What Starlette does with a `Problem`."""
    assert isinstance(problem, Problem)
    return problem.response()


async def answer_http(request: Request, error: Exception) -> Response:
    """Starlette's own refusals (404, 405), in the same words."""
    assert isinstance(error, HTTPException)
    path = request.url.path
    headers = dict(error.headers or {})
    detail = f"{path}: there is nothing here"
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        detail = f"{path}: takes {headers.get('Allow', headers.get('allow', 'another method'))}, not {request.method}"
    elif error.status_code != HTTPStatus.NOT_FOUND:
        detail = str(error.detail)
    return Problem(error.status_code, detail, headers=headers).response()


async def answer_fault(request: Request, _: Exception) -> Response:
    """Our own fault."""
    return Problem(500, f"{request.url.path}: this is a fault of sideman's; the log tells more").response()
