"""`/openapi.json`: the interface as OpenAPI 3.1. What each route does is described where it is made."""

from collections.abc import Iterable
from typing import Any

from daemon.http.describing import operation


def openapi(version: str, described: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The whole description; `described` are the path items of every interface."""
    paths: dict[str, Any] = {"/openapi.json": {"get": operation("This description", "about")}}
    for more in described:
        paths |= more
    return {
        "openapi": "3.1.0",
        "info": {"title": "sideman", "version": version, "description": "A band that listens. See also /ws."},
        "paths": paths,
        "security": [{}, {"token": []}],
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "responses": {"Problem": {"description": "what was wrong", "content": {_PROBLEM_TYPE: _PROBLEM_SCHEMA}}},
        },
    }


_PROBLEM_TYPE = "application/problem+json"
_PROBLEM_SCHEMA = {
    "schema": {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "what was seen, for people"},
            "field": {"type": "string", "description": "which part of the request it was"},
            "value": {"description": "what stood there"},
            "allowed": {"type": "string", "description": "what may stand there"},
            "errors": {"type": "array", "items": {"type": "object"}, "description": "the same of all that was wrong"},
        },
    }
}
