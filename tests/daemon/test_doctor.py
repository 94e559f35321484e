"""The doctor: every finding says what was seen, and every trouble how to mend it."""

import json

from daemon.cli import main
from daemon.doctor import examine


def test_every_finding_is_told_and_every_trouble_has_a_remedy():
    findings = examine(None, ["osc.port=18999"], {})
    assert {"sound engine", "configuration", "styles", "session folder"} <= {finding.what for finding in findings}
    for finding in findings:
        assert finding.seen
        assert finding.ok or finding.fix


def test_a_broken_configuration_is_serious(capsys):
    assert main(["doctor", "--json", "--set", "osc.port=100000"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert not report["ok"]
    (trouble,) = [check for check in report["checks"] if check["what"] == "configuration"]
    assert "osc.port" in trouble["seen"] + trouble["fix"]
