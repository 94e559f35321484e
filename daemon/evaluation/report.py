"""A report as people read it: one line a figure, with its interval."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

NO_FIGURES: Final = (
    "task",
    "pieces",
    "n",
    "ci",
    "skipped",
    "unsuited",
    "seconds",
    "baseline",
    "settings",
    "corrupt",
    "without",
    "against",
)


def report_lines(report: Mapping[str, Any]) -> list[str]:
    """The lines of a report."""
    remarks = [f"{report['pieces']} pieces", f"{report['n']} judged", f"{report['seconds']:.1f} s"]
    for name, what in (("skipped", "bad lines skipped"), ("unsuited", "tunes without what it takes")):
        if report[name]:
            remarks.insert(2, f"{report[name]} {what}")
    if report.get("corrupt"):
        remarks.insert(2, f"{report['corrupt']:.0%} of the input wrong")
    if report.get("without"):
        remarks.insert(2, f"without the expert {report['without']}")
    if report.get("against"):
        remarks.insert(2, f"{report['against']} in the oracle's place")
    title = report["task"] + (f" ({report['baseline']} baseline)" if report.get("baseline") else "")
    lines = [f"{title}: {', '.join(remarks)}"]
    figures = {name: value for name, value in report.items() if name not in NO_FIGURES}
    for name, value, interval in _figures(figures, report["ci"]):
        span = f"  [{_number(interval[0])}, {_number(interval[1])}]" if interval else ""
        lines.append(f"  {name:<28} {_number(value):>9}{span}")
    return lines


def _figures(tree: Mapping[str, Any], intervals: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            branch = intervals.get(name, {})
            yield from ((f"{name}.{leaf}", figure, span) for leaf, figure, span in _figures(value, branch))
        else:
            yield name, value, intervals.get(name)


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if abs(value) < 100 and value != int(value) else f"{value:.0f}"
