"""The page in a real browser, and the API by curl, as people would use them."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live.conftest import stop, wait_for
from tests.live.test_daemon_live import Daemon

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    daemon = Daemon(tmp_path, "midi.backend=loopback", "audio.device=null")
    yield next(word for word in daemon.ready().split() if word.startswith("http=")).removeprefix("http=")
    stop(daemon.process)


@pytest.fixture
def browser() -> Iterator[Any]:
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


def curl(*words: str) -> Any:
    done = subprocess.run(["curl", "-sS", *words], check=True, capture_output=True, timeout=20)
    return json.loads(done.stdout)


@pytest.mark.skipif(shutil.which("curl") is None, reason="not on this machine: curl")
def test_curl_turns_a_knob_and_presses_a_button(address: str) -> None:
    json_type = ("-H", "Content-Type: application/json")
    knob = f"{address}/api/live/parameters/energy"
    assert curl("-X", "PUT", *json_type, "-d", '{"value": 0.8}', knob)["value"] == 0.8
    assert curl("-X", "PUT", *json_type, "-d", '{"value": 8}', knob)["status"] == 422
    assert curl("-X", "POST", f"{address}/api/live/actions/transport/start")["path"] == "transport/start"
    assert curl(f"{address}/api/live/state")["playing"] is True
    assert curl(f"{address}/sideman/energy?VALUE") == {"VALUE": [0.8]}


def test_a_musician_starts_the_band_plays_and_mixes_in_the_page(address: str, browser: Any) -> None:
    page, faults = browser.new_page(), []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.goto(address)
    page.wait_for_selector("#status.hidden", state="attached")
    page.click("#play")
    wait_for(lambda: page.inner_text("#bar") == "1", what="the first bar is shown")
    for key in "adg":
        page.keyboard.down(key)
    wait_for(lambda: page.inner_text("#chord").startswith("C"), what="the chord is shown")
    for key in "adg":
        page.keyboard.up(key)
    page.click("#mixer [data-path='part/bass/mute']")
    wait_for(lambda: curl(f"{address}/api/live/parameters/part/bass/mute")["value"] is True, what="the bass is muted")
    page.keyboard.press("Escape")
    page.click("#play")
    wait_for(lambda: curl(f"{address}/api/live/state")["playing"] is False, what="the band stops")
    assert faults == []
