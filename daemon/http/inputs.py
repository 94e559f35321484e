"""What the web process asks for, as inputs of the heart."""

from collections.abc import Sequence

from realtime.core.events import ActionRequested, Input, Rejected
from realtime.core.osc_codec import PREFIX, decode
from realtime.core.parameters import ACTIONS, BadValue, check_action


def understood(path: str, arguments: Sequence[object], source: str) -> Input | Rejected:
    """What is asked for, as OSC would have it; but an action is one, whatever its arguments: there is no letting go."""
    if path not in ACTIONS:
        return decode(PREFIX + path, arguments, source)
    try:
        return ActionRequested(path, check_action(path, arguments), source)
    except BadValue as problem:
        return Rejected(str(problem), source)
