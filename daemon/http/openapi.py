"""`/openapi.json`: the interface as OpenAPI 3.1, made from the one table of parameters and actions."""

from typing import Any

from realtime.core.parameters import ACTIONS, PARAMETERS, ActionSpec, Parameter

_PROBLEM = {"$ref": "#/components/responses/Problem"}


def openapi(version: str) -> dict[str, Any]:
    """The whole description."""
    paths: dict[str, Any] = {
        "/api/live/state": _get("Everything the band hears, plans and plays, as it stands", "live"),
        "/api/live/styles": _get("The styles the band can play", "live"),
        "/api/live/parameters": _get("Every parameter: where it stands, and what it may be", "live"),
        "/api/live/actions": _get("Every action", "live"),
        "/api/sessions": _get("The hundred newest sessions, the newest first", "sessions"),
        "/api/sessions/{name}": _get("A session and its files", "sessions", "name"),
        "/api/sessions/{name}/{file}": _get("A file of a session", "sessions", "name", "file"),
        "/layouts": _get("Layouts of controllers, for TouchOSC, Max and Pure Data", "layouts"),
        "/layouts/{file}": _get("A layout", "layouts", "file"),
    }
    paths |= {f"/api/live/parameters/{p.path}": _parameter(p) for p in PARAMETERS.values()}
    paths |= {f"/api/live/actions/{a.path}": _action(a) for a in ACTIONS.values()}
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
        },
    }
}


def _get(summary: str, tag: str, *names: str) -> dict[str, Any]:
    places = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]
    return {
        "get": {
            "summary": summary,
            "tags": [tag],
            "parameters": places,
            "responses": {"200": {"description": "it"}, "default": _PROBLEM},
        }
    }


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
        "default": _PROBLEM,
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
            "responses": {"200": {"description": "done"}, "default": _PROBLEM},
        }
    }


def _tag(path: str) -> str:
    return path.partition("/")[0] if "/" in path else "band"
