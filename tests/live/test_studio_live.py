"""The studio's page in a real browser: a piece is made, looked at and handed to the live band."""

import json
from typing import Any

from tests.live.conftest import wait_for
from tests.live.test_page_live import address, browser, curl, daemon

__all__ = ["address", "browser", "daemon"]


def test_a_piece_is_made_in_the_page_and_becomes_the_chart_of_the_band(address: str, browser: Any) -> None:
    page, faults = browser.new_page(), []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.goto(f"{address}/page/studio.html")
    page.wait_for_selector("select[name=genre] option[value=jazz]", state="attached")
    page.select_option("select[name=genre]", "jazz")
    page.fill("input[name=bars]", "8")
    page.fill("input[name=tempo]", "150")
    page.uncheck("input[name=synthesize_audio]")
    page.click("#make")
    page.wait_for_selector("#piece:not([hidden])", timeout=60_000)
    assert page.locator("#chart b").count() >= 8
    page.fill("input[name=chords]", "C Hzz")
    page.click("#make")
    page.wait_for_selector("#said.bad")
    assert "chords: must be" in page.inner_text("#said")
    page.fill("input[name=chords]", "")
    page.click("#live")
    page.wait_for_url(f"{address}/")
    knobs = f"{address}/api/live/parameters"
    wait_for(lambda: curl(f"{knobs}/transport/tempo")["value"] == 150, what="the band has the piece's tempo")
    assert curl(f"{knobs}/style")["value"] == "jazz_swing"
    assert not faults, json.dumps(faults)
