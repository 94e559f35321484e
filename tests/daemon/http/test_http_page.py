"""The page: whole, of one piece, and nothing from anywhere else."""

import re
from importlib import resources

import pytest

from realtime.core.parameters import ACTIONS, PARAMETERS

PAGE = {entry.name: entry.read_text() for entry in (resources.files("daemon.http") / "page").iterdir()}
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def test_a_browser_gets_the_page_and_everybody_else_the_addresses(band):
    page = band.get("/", **BROWSER)
    assert page.headers["Content-Type"].startswith("text/html")
    assert page.body.decode() == PAGE["index.html"]
    assert band.get("/", Accept="*/*").json["FULL_PATH"] == "/"
    assert band.get("/?HOST_INFO", **BROWSER).json["NAME"] == "sideman"


def test_everything_the_page_asks_for_is_there(band):
    wanted = set(re.findall(r'"(/page/[^"]+)"', PAGE["index.html"]))
    wanted |= {f"/page/{name}" for text in PAGE.values() for name in re.findall(r'from "\./([^"]+)"', text)}
    assert len(wanted) > 4
    for path in wanted:
        answer = band.get(path)
        assert answer.status == 200, path
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", sorted(PAGE))
def test_nothing_comes_from_anywhere_else(name):
    assert set(re.findall(r"https?://[^\s\"']+", PAGE[name])) <= {"http://www.w3.org/2000/svg"}


def test_every_control_that_the_page_names_exists():
    text = "".join(PAGE.values())
    assert set(re.findall(r'data-path="([^"$]+)"', text)) <= PARAMETERS.keys()
    assert set(re.findall(r'data-do="([^"]+)"', text)) <= ACTIONS.keys()


@pytest.mark.parametrize("name", ["../port.py", "..%2fport.py", "nothing", "%2e%2e/app.py", ""])
def test_only_the_page_s_own_files_are_served(band, name):
    assert band.get(f"/page/{name}").status == 404
