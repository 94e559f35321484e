"""The body of a request: JSON, of bounded size, within bounded time."""

from typing import Any, Final

import msgspec
import trio
from starlette.requests import ClientDisconnect, Request

from daemon.http.problem import Problem

MOST_BYTES: Final = 65_536
SECONDS: Final = 5.0


async def read_body(request: Request, most: int = MOST_BYTES) -> bytes:
    """The whole body, of `most` bytes at most.

    Raises:
        Problem: it is too large (413), or does not come in time (408).
    """
    data = bytearray()
    with trio.move_on_after(SECONDS) as waiting:
        try:
            async for chunk in request.stream():
                data += chunk
                if len(data) > most:
                    raise Problem(413, f"the body is larger than {most} bytes", headers={"Connection": "close"})
        except ClientDisconnect:
            raise Problem(400, "the body was cut short") from None
    if waiting.cancelled_caught:
        raise Problem(408, f"the body did not come within {SECONDS:g} s", headers={"Connection": "close"})
    return bytes(data)


async def read_object(request: Request, *, may_be_empty: bool = False, most: int = MOST_BYTES) -> dict[str, Any]:
    """The body as a JSON object; {} for none at all where that is allowed.

    Raises:
        Problem: as `read_body`; another media type (415); no JSON object (400).
    """
    data = await read_body(request, most)
    if not data and may_be_empty:
        return {}
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/json":
        allowed = "application/json"
        raise Problem(415, f"takes {allowed}, not {media!r:.80}", field="Content-Type", value=media, allowed=allowed)
    try:
        content = msgspec.json.decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Problem(400, f"the body is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise Problem(400, f"the body must be a JSON object, but was {content!r:.80}")
    return content


def only(content: dict[str, Any], *names: str) -> None:
    """Sees to it that an object has no other fields.

    Raises:
        Problem: it has (422).
    """
    for name, value in content.items():
        if name not in names:
            allowed = ", ".join(names)
            raise Problem(422, f"{name:.80}: unknown field", field=name[:80], value=value, allowed=allowed)
