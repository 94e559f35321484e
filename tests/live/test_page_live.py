"""The page in a real browser, and the API by curl, as people would use them."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live.browser import DESKTOP, NAMELESS, PALE, PHONE, SMALL, chromium, opened_page
from tests.live.conftest import stop, wait_for
from tests.live.test_daemon_live import Daemon

QUIET = ("midi.backend=loopback", "audio.device=null")
SONG = ("adg", "gjl", "hka", "fhk")
VIEWS = ("play", "pads", "mix", "sessions", "more")


def address_of(daemon: Daemon) -> str:
    return next(word for word in daemon.ready().split() if word.startswith("http=")).removeprefix("http=")


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    started = Daemon(tmp_path, *QUIET)
    yield started
    stop(started.process)


@pytest.fixture
def address(daemon: Daemon) -> str:
    return address_of(daemon)


@pytest.fixture
def browser() -> Iterator[Any]:
    with chromium() as opened:
        yield opened


def curl(*words: str) -> Any:
    done = subprocess.run(["curl", "-sS", *words], check=True, capture_output=True, timeout=20)
    return json.loads(done.stdout)


def play_chords(page: Any, chords: tuple[str, ...], milliseconds: int = 1200) -> None:
    for chord in chords:
        for key in chord:
            page.keyboard.down(key)
        page.wait_for_timeout(milliseconds)
        for key in chord:
            page.keyboard.up(key)
        page.wait_for_timeout(40)


@pytest.mark.skipif(shutil.which("curl") is None, reason="not on this machine: curl")
def test_curl_turns_a_knob_and_presses_a_button(address: str) -> None:
    json_type = ("-H", "Content-Type: application/json")
    knob = f"{address}/api/live/parameters/energy"
    assert curl("-X", "PUT", *json_type, "-d", '{"value": 0.8}', knob)["value"] == 0.8
    assert curl("-X", "PUT", *json_type, "-d", '{"value": 8}', knob)["status"] == 422
    assert curl("-X", "POST", f"{address}/api/live/actions/transport/start")["path"] == "transport/start"
    assert curl(f"{address}/api/live/state")["playing"] is True
    assert curl(f"{address}/sideman/energy?VALUE") == {"VALUE": [0.8]}


def test_a_whole_performance_by_the_computer_s_keys(daemon: Daemon, browser: Any, tmp_path: Path) -> None:
    """Chords, the band joins in, variation, fill, mixer, ending; then the session is there, to hear and to have."""
    page, faults = opened_page(browser, address_of(daemon))
    state = lambda: page.evaluate("fetch('/api/live/state').then((answer) => answer.json())")  # noqa: E731
    play_chords(page, 3 * SONG)
    seen = state()
    assert seen["playing"]
    assert seen["bar"] >= 6
    assert seen["counters"]["notes_out"] > 100
    assert page.inner_text("#key") == "C major"
    assert page.inner_text("#next") != "–"
    assert page.locator("#form li.now").count() == 1
    assert page.inner_text("#clock") == "internal"
    page.click("#variations [data-value=B]")
    page.click("[data-do=fill] >> nth=0")
    page.click("[data-do='plan/veto']")
    page.click("#mixer [data-path='part/bass/mute']")
    wait_for(lambda: state()["parameters"]["part/bass/mute"] is True, what="the bass is muted")
    wait_for(lambda: state()["variation"] == "B", what="variation B is played")
    page.keyboard.down("a")
    page.screenshot(path=tmp_path / "desktop.png")
    page.keyboard.up("a")
    page.click(".pads [data-do=ending]")
    wait_for(lambda: state()["playing"] is False, 30, "the ending is over")
    assert page.inner_text("#play") == "Start"
    assert faults == []
    stop(daemon.process)

    (log,) = daemon.folder.glob("*/session.jsonl")
    again = Daemon(tmp_path, *QUIET)
    page, faults = opened_page(browser, address_of(again))
    page.click("#sessions li:last-child button:has-text('Open')")
    page.click("text=Make the sound")
    page.wait_for_selector("text=with sound", timeout=60_000)
    page.click("#replay-play")
    wait_for(lambda: page.inner_text("#replay-at").startswith("0:02"), what="the session is played")
    with page.expect_download() as download:
        page.click("#replay-files a:has-text('band MIDI')")
    assert Path(download.value.path()).read_bytes()[:4] == b"MThd"
    assert download.value.suggested_filename == f"{log.parent.name}_band.mid"
    page.click("#sessions li:last-child button:has-text('Delete')")
    page.click("#sessions li:last-child button:has-text('Really?')")
    wait_for(lambda: not log.parent.exists(), what="the session is deleted")
    assert faults == []
    stop(again.process)


def test_a_thumb_plays_and_presses_pads_on_a_phone(address: str, browser: Any) -> None:
    page, faults = opened_page(browser, address, PHONE)
    page.tap("#play-too")
    wait_for(lambda: page.inner_text("#bar") == "1", what="the first bar is shown")
    page.tap("#keys [data-place='4']", force=True)
    page.tap("nav [data-view=pads]")
    page.tap(".pads [data-do=fill]")
    page.tap("nav [data-view=mix]")
    page.tap("#mixer [data-path='part/drums/mute']")
    muted = f"{address}/api/live/parameters/part/drums/mute"
    wait_for(lambda: curl(muted)["value"] is True, what="the drums are muted")
    for view in VIEWS:
        page.tap(f"nav [data-view={view}]")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, f"{view} is wider than the phone"
    page.tap(".panic")
    page.tap("nav [data-view=play]")
    page.tap("#play-too")
    wait_for(lambda: curl(f"{address}/api/live/state")["playing"] is False, what="the band stops")
    assert faults == []


@pytest.mark.parametrize("how", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_everything_has_a_name_can_be_read_and_can_be_touched(address: str, browser: Any, how: dict[str, Any]) -> None:
    page, faults = opened_page(browser, address, how)
    page.evaluate("document.querySelector('.all').open = true")
    page.evaluate("document.querySelector('#play').click()")
    page.wait_for_selector("#play[aria-pressed=true]", state="attached")
    for view in VIEWS if how is PHONE else VIEWS[:1]:
        page.evaluate(f"document.querySelector('nav [data-view={view}]').click()")
        assert page.evaluate(NAMELESS) == []
        assert page.evaluate(PALE) == []
        assert page.evaluate(SMALL) == []
    page.evaluate(
        "document.querySelector('.chords').insertAdjacentHTML('beforeend',"
        '\'<button style="all: unset; width: 9px; height: 9px"></button><p style="color: #555">pale</p>\')'
    )
    assert [len(page.evaluate(check)) for check in (NAMELESS, PALE, SMALL)] == [1, 1, 1]  # they can find something
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.locator("[role=status], [role=log], [aria-live=polite]").count() >= 3
    assert faults == []


def test_the_keyboard_alone_is_enough(address: str, browser: Any) -> None:
    """Space starts, Tab goes from control to control and shows where, Enter presses, arrows turn, Escape silences."""
    page, faults = opened_page(browser, address)
    page.keyboard.press("Space")
    wait_for(lambda: page.inner_text("#play") == "Stop", what="the band plays")
    reached: list[str] = []
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                "(() => { const e = document.activeElement, s = getComputedStyle(e);"
                " return s.outlineStyle === 'none' ? 'no outline: ' + e.outerHTML"
                " : e.dataset.do ?? e.dataset.path ?? e.id })()"
            )
        )
        if reached[-1] == "energy":
            break
    assert {"transport/panic", "plan/accept", "play", "fill", "variation", "style", "energy"} <= set(reached)
    assert not [place for place in reached if place.startswith("no outline")]
    before = curl(f"{address}/api/live/parameters/energy")["value"]
    page.keyboard.press("ArrowRight")
    wait_for(lambda: curl(f"{address}/api/live/parameters/energy")["value"] > before, what="energy is turned")
    page.focus(".judge [data-do='plan/hold']")
    page.keyboard.press("Enter")
    wait_for(lambda: page.get_attribute("#hold", "aria-pressed") == "true", what="the plan is held")
    page.keyboard.press("Escape")
    assert faults == []


def test_a_phone_pairs_by_the_address_in_the_qr_code_or_by_typing_the_token(tmp_path: Path, browser: Any) -> None:
    token = "k7wd3-q2m4p-x8n5r-t6v9z"
    daemon = Daemon(tmp_path, *QUIET, f"http.token={token}")
    address = address_of(daemon)
    page, _ = browser.new_context(**PHONE).new_page(), None
    page.goto(address)
    page.wait_for_selector("#pair:not([hidden])")
    page.fill("#pair input", token)
    page.click("#pair button")
    page.wait_for_selector("#status.hidden", state="attached")
    assert page.url == f"{address}/"
    scanned, faults = opened_page(browser, f"{address}/pair?token={token}", PHONE)
    assert scanned.evaluate("document.cookie") == ""  # no script can read it
    assert faults == []
    stop(daemon.process)
