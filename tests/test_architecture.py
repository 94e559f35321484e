"""What import-linter cannot see: sizes, first lines, and who touches what."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PYTHON = sorted(path for folder in ("realtime", "daemon") for path in (ROOT / folder).rglob("*.py"))
RUST = sorted((ROOT / "rust_dsp" / "src").rglob("*.rs"))
CORE = [path for path in PYTHON if "core" in path.parts]
FORBIDDEN_IN_CORE = {
    "trio",
    "rtmidi",
    "mido",
    "pythonosc",
    "socket",
    "threading",
    "asyncio",
    "time",
    "random",
    "os",
    "logging",
}
MOST_LINES = 300
MOST_FUNCTION_LINES = 45


def name(path):
    return str(path.relative_to(ROOT))


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("path", [*PYTHON, *RUST], ids=name)
def test_no_file_is_longer_than_a_reader_s_patience(path):
    assert len(path.read_text().splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_every_module_says_first_what_it_is(path):
    docstring = ast.get_docstring(ast.parse(path.read_text()))
    assert docstring, "a module begins with one sentence about itself"
    assert docstring.splitlines()[0].strip()


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_every_function_fits_a_screen(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno - node.lineno < MOST_FUNCTION_LINES, f"{node.name} is too long"


@pytest.mark.parametrize("path", CORE, ids=name)
def test_the_core_touches_nothing(path):
    assert not FORBIDDEN_IN_CORE & {module.split(".")[0] for module in imports(path)}


def test_few_know_the_extension_and_one_asks_what_time_it_is():
    text = {path: path.read_text() for path in PYTHON}
    knowing = {name(p) for p in text if re.search(r"realtime\._dsp\"|from realtime import _dsp", text[p])}
    assert knowing <= {
        "realtime/edges/engine.py",
        "realtime/edges/midi_jack.py",
        "realtime/core/oracle.py",
        "realtime/core/sound_table.py",
        "daemon/training/oracle.py",
    }
    clocks = [name(path) for path in PYTHON if "edges" in path.parts and "time" in set(imports(path))]
    assert clocks == ["realtime/edges/clock.py"]


def test_python_is_spoken_in_one_rust_module():
    speaking = {str(path.relative_to(ROOT / "rust_dsp" / "src")) for path in RUST if "pyo3" in path.read_text()}
    assert all(name.startswith("python/") for name in speaking)


def test_every_unsafe_says_why_it_is_safe():
    for path in RUST:
        lines = path.read_text().splitlines()
        for number, line in enumerate(lines):
            code = line.split("//")[0]
            if re.search(r"\bunsafe\s*(\{|impl)", code):
                above = "\n".join(lines[max(0, number - 8) : number + 1])
                assert "SAFETY:" in above, f"{path.name}:{number + 1}"
