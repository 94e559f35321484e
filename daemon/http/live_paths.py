"""`/api/live` as OpenAPI has it: made from the one table of parameters and actions."""

from typing import Any

from daemon.http.describing import PROBLEM, operation
from realtime.core.parameters import ACTIONS, PARAMETERS, ActionSpec, Parameter


def live_paths() -> dict[str, Any]:
    """Path items by path."""
    paths: dict[str, Any] = {
        f"/api/live/{name}": {"get": operation(summary, "live")}
        for name, summary in (
            ("state", "Everything the band hears, plans and plays, as it stands"),
            ("styles", "The styles the band can play"),
            ("parameters", "Every parameter: where it stands, and what it may be"),
            ("actions", "Every action"),
        )
    }
    paths |= {f"/api/live/parameters/{p.path}": _parameter(p) for p in PARAMETERS.values()}
    paths |= {f"/api/live/actions/{a.path}": _action(a) for a in ACTIONS.values()}
    return paths


def schema_of(parameter: Parameter) -> dict[str, Any]:
    """What a parameter holds, as JSON Schema."""
    schema: dict[str, Any] = {"default": parameter.default, "description": parameter.help}
    match parameter.kind:
        case "float":
            schema |= {"type": "number", "minimum": parameter.low, "maximum": parameter.high}
        case "int":
            schema |= {"type": "integer", "minimum": int(parameter.low), "maximum": int(parameter.high)}
        case "bool":
            schema["type"] = "boolean"
        case "choice":
            schema |= {"type": "string", "enum": list(parameter.choices)}
        case "text":
            schema |= {"type": "string", "minLength": 1, "maxLength": 64}
    if parameter.unit:
        schema["x-unit"] = parameter.unit
    return schema


def _parameter(parameter: Parameter) -> dict[str, Any]:
    value = {"type": "object", "required": ["value"], "properties": {"value": schema_of(parameter)}}
    answer = {
        "200": {"description": "where it stands", "content": {"application/json": {"schema": value}}},
        "default": PROBLEM,
    }
    body = {"required": True, "content": {"application/json": {"schema": {**value, "additionalProperties": False}}}}
    about: dict[str, Any] = {"summary": parameter.help, "tags": [_tag(parameter.path)]}
    return {"get": {**about, "responses": answer}, "put": {**about, "requestBody": body, "responses": answer}}


def _action(action: ActionSpec) -> dict[str, Any]:
    arguments = {
        "type": "array",
        "items": {"type": ["number", "string", "boolean"]},
        "minItems": action.least_arguments,
        "maxItems": action.most_arguments,
    }
    body = {"type": "object", "properties": {"arguments": arguments}, "additionalProperties": False}
    return {
        "post": {
            "summary": action.help,
            "tags": [_tag(action.path)],
            "requestBody": {
                "required": action.least_arguments > 0,
                "content": {"application/json": {"schema": body}},
            },
            "responses": {"200": {"description": "done"}, "default": PROBLEM},
        }
    }


def _tag(path: str) -> str:
    return path.partition("/")[0] if "/" in path else "band"
