"""`sideman bench page`: frames and memory of the page in Chromium while a band plays, for as long as is asked.

Somebody plays by the page's own keyboard all the time: chords that change every two beats, so that roll, plan, form and
meters have something to show. Heap is what is left after the rubbish was collected.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from daemon.bench import Say, report
from daemon.config import ConfigError
from daemon.worker_environment import worker_environment

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

CHORDS: Final = ("adg", "gjl", "hk;", "fhk")
"""On the computer's keys: C, G, Am, F."""

CHORD_MILLIS: Final = 1_240
SAMPLE_SECONDS: Final = 10.0
SETTLING_SECONDS: Final = 30.0
"""Until then the page still fills up: a minute of notes, the first sections."""

_SETTINGS: Final = ("midi.backend=loopback", "audio.device=null", "http.port=0", "osc.port=18799")
_COUNT_FRAMES: Final = """(() => {
  const spans = [];
  let last = 0;
  const tick = (now) => (last && spans.push(now - last), (last = now), requestAnimationFrame(tick));
  requestAnimationFrame(tick);
  globalThis.takeSpans = () => spans.splice(0);
})()"""


@dataclass(frozen=True, slots=True)
class Sample:
    """How things stood, `at` seconds after the beginning. Memory in kB."""

    at: float
    heap_kb: int
    nodes: int
    listeners: int
    web_kb: int
    music_kb: int


def bench_page(seconds: float, say: Say) -> dict[str, Any]:
    """Plays for so many seconds; the figures, and the machine they were taken on.

    Raises:
        ConfigError: there is no Chromium here, or no Playwright to drive it.
    """
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - for developers only
    except ImportError:
        raise ConfigError(["bench page: needs Playwright: pip install playwright"]) from None
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        raise ConfigError(["bench page: needs Chromium: apt install chromium"])

    def measure() -> dict[str, Any]:
        with _band() as (process, address), sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
            return _play(page, address, process.pid, seconds, say)

    return report("page", measure)


@contextmanager
def _band() -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A band of our own, and where its page is."""
    with tempfile.TemporaryDirectory(prefix="sideman-bench-") as folder:
        settings = [word for setting in (*_SETTINGS, f"session.folder={folder}") for word in ("--set", setting)]
        command = [sys.executable, "-P", "-m", "daemon", "run", "--json", *settings]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=worker_environment())
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise ConfigError(["bench page: sideman run did not start; what it said stands above"])
            yield process, json.loads(line)["http"]
        finally:
            process.terminate()
            process.wait()


def _play(page: "Page", address: str, pid: int, seconds: float, say: Say) -> dict[str, Any]:
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.goto(address)
    page.wait_for_selector("#status.hidden", state="attached")
    page.evaluate(_COUNT_FRAMES)
    inside = page.context.new_cdp_session(page)
    inside.send("Performance.enable")
    began = page.evaluate("performance.now()")
    samples: list[Sample] = []
    spans: list[float] = []
    at, number = 0.0, 0
    while at < seconds:
        for key in CHORDS[number % len(CHORDS)]:
            page.keyboard.down(key)
        page.wait_for_timeout(CHORD_MILLIS)
        for key in CHORDS[number % len(CHORDS)]:
            page.keyboard.up(key)
        number += 1
        at = (page.evaluate("performance.now()") - began) / 1000
        if at >= len(samples) * SAMPLE_SECONDS:
            spans += page.evaluate("takeSpans()")
            samples.append(_sample(inside, at, pid))
            page.evaluate("takeSpans()")  # collecting rubbish is our doing, not the page's
            say(f"{at:.0f} s: heap {samples[-1].heap_kb} kB, web process {samples[-1].web_kb} kB")
    state = page.evaluate("fetch('/api/live/state').then((answer) => answer.json())")
    return {**_figures(np.asarray(spans), samples), "bars": state["bar"], "faults": faults[:10]}


def _sample(inside: "CDPSession", at: float, pid: int) -> Sample:
    inside.send("HeapProfiler.collectGarbage")
    metrics = {row["name"]: row["value"] for row in inside.send("Performance.getMetrics")["metrics"]}
    heap = round(metrics["JSHeapUsedSize"] / 1000)
    nodes, listeners = int(metrics["Nodes"]), int(metrics["JSEventListeners"])
    web = sum(_resident_kb(child) for child in _children(pid) if _is_web(child))
    return Sample(at, heap, nodes, listeners, web, _resident_kb(pid))


def _children(pid: int) -> list[int]:
    file = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(word) for word in file.read_text().split()] if file.exists() else []


def _is_web(pid: int) -> bool:
    try:
        return b"daemon.http" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


def _resident_kb(pid: int) -> int:
    """Memory in use; 0 where the system does not tell."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)


def _figures(spans: "np.ndarray[Any, np.dtype[Any]]", samples: list[Sample]) -> dict[str, Any]:
    settled = [sample for sample in samples if sample.at >= SETTLING_SECONDS] or samples
    millis = {"p50": np.percentile(spans, 50), "p99": np.percentile(spans, 99), "worst": spans.max()}
    return {
        "seconds": round(samples[-1].at, 1),
        "frames_per_second": round(1000 / float(spans.mean()), 1),
        "frame_millis": {name: round(float(value), 1) for name, value in millis.items()},
        **{name: _course(settled, name) for name in ("heap_kb", "web_kb", "music_kb")},
        "nodes": [settled[0].nodes, settled[-1].nodes],
        "listeners": [settled[0].listeners, settled[-1].listeners],
    }


def _course(samples: list[Sample], name: str) -> dict[str, int]:
    """First, last and most; and the slope of the straight line through all, an hour."""
    at = np.asarray([sample.at for sample in samples])
    values = np.asarray([getattr(sample, name) for sample in samples])
    slope = float(np.polyfit(at, values, 1)[0]) * 3600 if len(samples) > 2 else 0.0
    return {
        "first": int(values[0]),
        "last": int(values[-1]),
        "most": int(values.max()),
        "growth_an_hour": round(slope),
    }
