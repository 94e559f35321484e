"""Charts from files."""

import json

import pytest

from daemon.chart_file import read_chart, with_chart
from daemon.cli import main
from daemon.config import ConfigError
from daemon.demo_tune import demo_script
from realtime.core.meter import Meter


def test_a_chart_stands_ready_before_the_music_starts(tmp_path):
    file = tmp_path / "song.txt"
    file.write_text("| C | F |")
    script = with_chart(demo_script(), read_chart(file, Meter()))
    paths = [getattr(stamped.event, "path", "") for stamped in script.inputs]
    assert paths.index("chart") + 1 == paths.index("transport/start")


@pytest.mark.parametrize("content", [b"| H |", b"", bytes(range(256))])
def test_what_is_no_chart_is_refused_with_the_file_s_name(tmp_path, content):
    file = tmp_path / "song.txt"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=r"song\.txt"):
        read_chart(file, Meter())


def test_a_missing_chart_is_bad_arguments(tmp_path, capsys):
    assert main(["run", "--chart", str(tmp_path / "none.txt")]) == 2
    assert "none.txt" in capsys.readouterr().err


def test_the_chart_goes_through_the_log_like_any_input(tmp_path, capsys):
    chart, folder = tmp_path / "song.txt", tmp_path / "take"
    chart.write_text("| Ebmaj7 | Bb/D | Cm7 | Bbm7 Eb7 |")
    main(["demo", "--fast", "-o", str(tmp_path / "demo")])
    performance = str(tmp_path / "demo" / "performance.mid")
    assert main(["perform", performance, "--fast", "--chart", str(chart), "-o", str(folder)]) == 0
    logged = [json.loads(line) for line in (folder / "session.jsonl").read_text().splitlines()]
    assert any(line.get("in", {}).get("path") == "chart" for line in logged)
    assert main(["replay", str(folder), "--verify"]) == 0
