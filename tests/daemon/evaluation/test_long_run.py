"""A long evening in a short one: what the heart holds does not grow with the length of the set."""

from collections import deque

import pytest

from daemon.evaluation.cost import changes, milliseconds_by_bar
from realtime.core.performer import Performer

WARM_BARS, LATER_BARS = 80, 240


def sizes(thing, seen, path="heart", depth=0):
    """Every container that can be reached from `thing`, by its path, with its length."""
    if id(thing) in seen or depth > 9:
        return
    seen.add(id(thing))
    if isinstance(thing, list | dict | set | deque):
        yield path, len(thing)
    if isinstance(thing, dict):
        children = [(f"{path}[{key!r:.20}]", value) for key, value in thing.items()]
    elif isinstance(thing, list | tuple | deque):
        children = [(path + "[]", value) for value in thing]
    else:
        slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
        names = [*slots, *getattr(thing, "__dict__", {})]
        children = [(f"{path}.{name}", getattr(thing, name, None)) for name in names]
    for name, child in children:
        if type(child).__module__.startswith("realtime.core") or isinstance(child, list | dict | set | deque | tuple):
            yield from sizes(child, seen, name, depth + 1)


def longest(heart):
    """The longest container at each path."""
    found = {}
    for path, size in sizes(heart, set()):
        found[path] = max(size, found.get(path, 0))
    return found


LIMITED = {
    "heart._band.prospect.form._bars": 1024,
    "heart._band.prospect.form.returns._bars": 1024,
    "heart._band.arranger.leader.phrasing.kept": 1024,
    "heart._band.planner.oracle._chords": 64,
}
"""What may still fill up, and how far."""


@pytest.mark.parametrize("memory", ["off", "loop"])
def test_after_four_times_as_long_the_heart_holds_no_more(ballad, memory):
    heart = Performer({"pop_ballad": ballad}, parameters={"hold/memory": memory})
    before = {}
    for bar, _ in enumerate(milliseconds_by_bar(changes(ballad, LATER_BARS), LATER_BARS, heart), start=1):
        if bar == WARM_BARS:
            before = longest(heart)
    after = longest(heart)
    assert len(before) > 30
    grown = {path: (before.get(path, 0), size) for path, size in after.items() if size > before.get(path, 0) + 64}
    assert all(size <= LIMITED.get(path, 0) for path, (_, size) in grown.items()), grown
