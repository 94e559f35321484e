"""What is installed is ours and whole: two common names, styles that travel, the engine's stub."""

import importlib
import importlib.resources
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("package", ["daemon", "realtime"])
def test_our_package_names_resolve_to_us(package):
    module = importlib.import_module(package)
    assert Path(module.__file__).is_relative_to(ROOT) or "sideman" in packages_distributions().get(package, [])


@pytest.mark.parametrize("taken", ["python-daemon", "realtime"])
def test_no_distribution_that_takes_our_names_is_needed(taken):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = [*project["dependencies"], *(d for group in project["optional-dependencies"].values() for d in group)]
    assert not [dependency for dependency in needed if dependency.split(">")[0].strip() == taken]


def test_the_forms_known_by_heart_travel_with_the_package():
    forms = {entry.name for entry in (importlib.resources.files("daemon") / "forms").iterdir()}
    assert {path.name for path in (ROOT / "configs" / "forms").glob("*.txt")} <= forms


def test_the_styles_travel_with_the_package():
    styles = {entry.name for entry in (importlib.resources.files("daemon") / "styles").iterdir()}
    assert {path.name for path in (ROOT / "configs" / "styles").glob("*.toml")} <= styles


def test_what_the_program_reads_is_no_link_out_of_its_package():
    """Wheels carry what lies in the packages, and follow no links to folders."""
    links = [path for package in ("daemon", "realtime") for path in (ROOT / package).rglob("*") if path.is_symlink()]
    assert not links


def test_the_page_travels_with_the_package():
    page = importlib.resources.files("daemon.http") / "page"
    assert (page / "index.html").is_file()


def test_the_engine_is_built():
    engine = importlib.import_module("realtime._dsp")
    assert engine.EVENT_SIZE == 16
    assert engine.PARTS == ("player", "drums", "bass", "keys", "pad", "solo")


def test_every_dependency_is_pinned_by_range():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert all(">=" in dependency and "<" in dependency for dependency in project["dependencies"])


def test_the_feel_of_drummers_travels_with_the_package():
    assert (importlib.resources.files("daemon") / "feel" / "drummers.json").is_file()
