"""The doctor: every finding says what was seen, and every trouble how to mend it."""

import importlib.util
import json
import socket

import pytest

from daemon import doctor_models
from daemon.cli import main
from daemon.doctor import examine


def test_every_finding_is_told_and_every_trouble_has_a_remedy():
    findings = examine(None, ["osc.port=18999"], {})
    assert {"sound engine", "configuration", "styles", "session folder"} <= {finding.what for finding in findings}
    for finding in findings:
        assert finding.seen
        assert finding.ok or finding.fix


def test_a_taken_http_port_is_named_and_serious_only_where_it_was_chosen():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        findings = {finding.what: finding for finding in examine(None, [f"http.port={port}"], {})}
    assert not findings["HTTP port"].ok
    assert findings["HTTP port"].serious
    assert "--set http.port=" in findings["HTTP port"].fix
    usual = {finding.what: finding for finding in examine(None, [], {})}["HTTP port"]
    assert not usual.serious


def test_a_broken_configuration_is_serious(capsys):
    assert main(["doctor", "--json", "--set", "osc.port=100000"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert not report["ok"]
    (trouble,) = [check for check in report["checks"] if check["what"] == "configuration"]
    assert "osc.port" in trouble["seen"] + trouble["fix"]


@pytest.mark.parametrize(("source", "is_fine"), [("internal", True), ("link", False)])
def test_a_missing_link_is_a_fault_only_to_who_wants_it_and_is_told_how_to_have_it(source, is_fine, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "link" else found(name))
    findings = examine(None, [f"parameters.transport/source={source}"], {})
    (finding,) = (one for one in findings if one.what == "Ableton Link")
    assert (finding.ok, finding.serious) == (is_fine, False)
    assert "sideman[link]" in finding.fix


@pytest.mark.parametrize(
    ("has_mlx", "blas", "is_told"), [(True, None, True), (True, "/b", False), (False, None, False)]
)
def test_mlx_without_openblas_is_told_on_linux_and_costs_no_music(has_mlx, blas, is_told, monkeypatch):
    monkeypatch.setattr(doctor_models.sys, "platform", "linux")
    monkeypatch.setattr(doctor_models, "has_mlx", lambda: has_mlx)
    monkeypatch.setattr(doctor_models, "quick_blas", lambda: blas)
    told = list(doctor_models.training_speed())
    assert [(finding.ok, finding.serious) for finding in told] == [(False, False)] * is_told
    assert all("libopenblas0-pthread" in finding.fix for finding in told)
