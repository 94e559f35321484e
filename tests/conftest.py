"""What every test can lean on: the style that ships, and strict hypothesis settings."""

import os
import tomllib
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does, before numpy is loaded

import pytest
from hypothesis import HealthCheck, settings

from realtime.core.style import Style
from realtime.core.style_reader import parse_style

settings.register_profile("sideman", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("sideman")

STYLES = Path(__file__).parent.parent / "configs" / "styles"


@pytest.fixture(scope="session")
def ballad() -> Style:
    """The pop ballad that ships."""
    with (STYLES / "pop_ballad.toml").open("rb") as file:
        return parse_style(tomllib.load(file), "pop_ballad")


def pytest_addoption(parser):
    """`--update-golden` rewrites the golden files instead of comparing with them."""
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden files")
