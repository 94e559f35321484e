"""Chromium, driven by Playwright, in front of a daemon of the test's own."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True, "is_mobile": True}
DESKTOP = {"viewport": {"width": 1440, "height": 900}}


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser; where there is none a user's machine skips the test, and CI fails."""
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - may be missing on a user's machine
    except ImportError:
        sync_playwright = None
    if sync_playwright is None or CHROMIUM is None:
        reason = "not on this machine: chromium, or playwright for Python"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


def opened_page(browser: Any, address: str, how: dict[str, Any] = DESKTOP) -> tuple[Any, list[str]]:
    """The page in a window of its own, connected; and what goes wrong in it from now on."""
    page, faults = browser.new_context(**how).new_page(), []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.goto(address)
    page.wait_for_selector("#status.hidden", state="attached")
    return page, faults


NAMELESS = """() => {
  const label = (e) => e.getAttribute("aria-label") || e.labels?.[0]?.textContent;
  const named = (e) => (label(e) || e.textContent || e.title || "").trim();
  const isShown = (e) => e.tagName === "OUTPUT" && e.closest("label, .now, .next, .transport");
  return [...document.querySelectorAll("button, input, select, summary, a, meter, canvas, [role=group], output")]
    .filter((e) => !isShown(e) && !named(e))
    .map((e) => e.outerHTML.slice(0, 120));
}"""
"""What a screen reader could not name."""

PALE = """() => {
  const numbers = (c) => (c.match(/[\\d.]+/g) ?? []).map(Number);
  const solid = (e) => {
    for (let at = e; at; at = at.parentElement) {
      const [r, g, b, a = 1] = numbers(getComputedStyle(at).backgroundColor);
      if (a > 0.9) return [r, g, b];
    }
    return [13, 15, 18];
  };
  const light = (c) => {
    const [r, g, b] = c.map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  for (const e of document.querySelectorAll("body *")) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.checkVisibility() || e.matches(".unseen, option, script, noscript *")) continue;
    const style = getComputedStyle(e);
    if (Number(style.fontSize.replace("px", "")) === 0 || e.disabled) continue;
    const [one, other] = [light(numbers(style.color).slice(0, 3)), light(solid(e))];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (ratio < 4.5) found.push(`${ratio.toFixed(1)} ${e.tagName} ${e.id} ${e.textContent.slice(0, 30)}`);
  }
  return found;
}"""
"""Text whose contrast is below 4.5 to 1 (WCAG 2.2, 1.4.3)."""

SMALL = """() => [...document.querySelectorAll("button, select, input, summary, a")]
  .filter((e) => e.checkVisibility() && !e.closest("#keys"))
  .map((e) => [e, (e.type === "checkbox" ? e.closest("label") : e).getBoundingClientRect()])
  .filter(([, box]) => box.width > 0 && (box.width < 24 || box.height < 24))
  .map(([e, box]) => `${Math.round(box.width)}x${Math.round(box.height)} ${e.outerHTML.slice(0, 80)}`)"""
"""What is too small for a finger (WCAG 2.2, 2.5.8: 24 by 24 px)."""
