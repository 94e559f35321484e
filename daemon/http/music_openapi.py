"""The part of `/openapi.json` that is about `/api/music`, made from the one table of a request's fields."""

from typing import Any, Final

from daemon.http.studio_jobs import JOB_ID
from daemon.song.request import DEFAULTS, MOST_STEPS, RULES, FieldRule
from realtime.core.chart import MAX_CHART_CHARACTERS

EXAMPLES: Final = {
    "gospel": {"genre": "gospel", "key": "C", "tempo": 120, "bars": 8, "complexity": 6, "seed": 1},
    "your own chords": {"genre": "jazz", "chords": "| Dm7 | G7 | Cmaj7 | A7 |", "bars": 16, "synthesize_audio": False},
}
_MIDI: Final = {"type": "string", "description": "a Standard MIDI File in base 64", "contentEncoding": "base64"}
_JOB: Final = {
    "type": "object",
    "required": ["id", "task", "state", "stage", "share", "created"],
    "properties": {
        "id": {"type": "string", "pattern": f"^{JOB_ID.pattern}$"},
        "task": {"type": "string"},
        "state": {"enum": ["waiting", "running", "done", "failed", "cancelled", "interrupted"]},
        "stage": {"type": "string"},
        "share": {"type": "number", "minimum": 0, "maximum": 1},
        "created": {"type": "string"},
        "trouble": {"type": "string"},
        "faults": {"type": "array", "items": {"type": "object"}},
    },
}


def schema_of_field(name: str, rule: FieldRule) -> dict[str, Any]:
    """A field of a request as JSON Schema."""
    schema: dict[str, Any] = {"description": f"{rule.help}; {rule.allowed}"}
    match rule.kind:
        case "switch":
            schema["type"] = "boolean"
        case "whole" | "number":
            kind = "integer" if rule.kind == "whole" else "number"
            low, high = (int(edge) if rule.kind == "whole" else edge for edge in (rule.low, rule.high))
            schema |= {"type": kind, "minimum": low, "maximum": high}
        case "choice":
            schema |= {"type": "string", "enum": list(rule.choices)}
        case _:
            schema |= {"type": "string", "minLength": 1, "maxLength": MAX_CHART_CHARACTERS}
    if rule.optional:
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    default = getattr(DEFAULTS, name)
    if default is not None:
        schema["default"] = default
    if rule.example is not None:
        schema["examples"] = [rule.example]
    return schema


def music_paths() -> dict[str, Any]:
    """The paths."""
    fields = {name: schema_of_field(name, rule) for name, rule in RULES.items()}
    question = {"chords": fields["chords"] | {"type": "string"}, "key": {"type": "string", "examples": ["C"]}}
    steps = {"type": "integer", "minimum": 1, "maximum": MOST_STEPS, "default": 4}
    arranging = {name: fields[name] for name in ("genre", "style", "complexity", "form", "reverb", "seed", "backend",
                                                 "audio_format", "synthesize_audio", "include_chords")}  # fmt: skip
    return {
        "/api/music/generate": _asked("A whole piece", {**fields, "continue": _MIDI}, EXAMPLES),
        "/api/music/melody/generate": _asked(
            "A melody, and the chords it is over", fields, {"jazz": {"genre": "jazz"}}
        ),
        "/api/music/arrange": _asked("A piano piece for the band", {"midi": _MIDI, **arranging}, {}, ("midi",)),
        "/api/music/tokenize": _asked("A MIDI file as MidiTok tokens", {"midi": _MIDI}, {}, ("midi",)),
        "/api/music/chords/predict": _asked(
            "What comes next", {**question, "steps": steps}, {"two five": {"chords": "Dm7 G7", "key": "C"}}
        ),
        "/api/music/theory/explain": _asked(
            "A progression explained", question, {"two five one": {"chords": "Dm7 G7 Cmaj7"}}, ("chords",)
        ),
        "/api/music/models/info": {"get": _about("Who composes, and what there is to choose from", _object())},
        "/api/music/jobs": {"get": _about("Every job that is kept", _object(jobs={"type": "array", "items": _JOB}))},
        "/api/music/jobs/{id}": {
            "parameters": [_place("id", JOB_ID.pattern)],
            "get": _about("How a job stands, with its result if it is done", _object(job=_JOB)),
            "delete": _about("Stops a job", _object(job=_JOB)),
        },
        "/api/music/jobs/{id}/events": _file("A job as it goes on, until it is over", "id", "text/event-stream"),
        "/api/music/jobs/{id}/roll": _file("The notes of a piece", "id", "application/json"),
        "/api/music/download/midi/{filename}": _file("A piece as a MIDI file", "filename", "audio/midi"),
        "/api/music/download/audio/{filename}": _file("A piece as sound", "filename", "audio/wav", "audio/flac"),
    }


def _asked(
    summary: str, fields: dict[str, Any], examples: dict[str, Any], required: tuple[str, ...] = ()
) -> dict[str, Any]:
    """A POST that is answered when it is done, or at once with a job."""
    schema: dict[str, Any] = {"type": "object", "properties": fields, "additionalProperties": False}
    if required:
        schema["required"] = list(required)
    content: dict[str, Any] = {"schema": schema}
    if examples:
        content["examples"] = {name: {"value": value} for name, value in examples.items()}
    wait = {"name": "wait", "in": "query", "schema": {"type": "boolean", "default": True},
            "description": "false: answer at once, with the job"}  # fmt: skip
    answered = _about(summary, _object(job=_JOB))
    answered["parameters"] = [wait]
    answered["requestBody"] = {"required": bool(required), "content": {"application/json": content}}
    answered["responses"]["202"] = {
        "description": "it is going to be done; Location says where to look for it",
        "content": {"application/json": {"schema": _object(job=_JOB)}},
    }
    return {"post": answered}


def _about(summary: str, schema: dict[str, Any], *media: str) -> dict[str, Any]:
    content = {kind: {"schema": schema} for kind in media or ("application/json",)}
    problem = {"$ref": "#/components/responses/Problem"}
    return {
        "summary": summary,
        "tags": ["music"],
        "responses": {"200": {"description": "it", "content": content}, "default": problem},
    }


def _file(summary: str, place: str, *media: str) -> dict[str, Any]:
    pattern = JOB_ID.pattern if place == "id" else rf"{JOB_ID.pattern}\.[a-z]+"
    schema = {} if media[0] != "application/json" else _object()
    return {"parameters": [_place(place, pattern)], "get": _about(summary, schema, *media)}


def _place(name: str, pattern: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": f"^{pattern}$"}}


def _object(**properties: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON Schema
    return {"type": "object", "properties": properties, "required": list(properties)}
