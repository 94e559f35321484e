"""Pieces that descriptions of an interface in OpenAPI are made of."""

from typing import Any, Final

PROBLEM: Final[dict[str, Any]] = {"$ref": "#/components/responses/Problem"}
JSON: Final = "application/json"


def place(name: str, about: str = "", *, within: str = "path") -> dict[str, Any]:
    """A text in the path, or in the query."""
    described = {"description": about} if about else {}
    return {"name": name, "in": within, "required": within == "path", **described, "schema": {"type": "string"}}


def operation(
    summary: str, tag: str, *places: dict[str, Any], body: dict[str, Any] | None = None, media: str = JSON
) -> dict[str, Any]:
    """What a method does: `places` in path and query, the JSON Schema of its `body`, and the media type it answers."""
    found: dict[str, Any] = {
        "summary": summary,
        "tags": [tag],
        "parameters": list(places),
        "responses": {"200": {"description": "it", "content": {media: {}}}, "default": PROBLEM},
    }
    if body is not None:
        found["requestBody"] = {"required": True, "content": {JSON: {"schema": body}}}
    return found
