"""Recorded sessions by HTTP, and nothing else of this machine's disk."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


def test_the_session_that_is_being_played_is_listed_with_its_files(band):
    entry = next(s for s in band.get("/api/sessions").json["sessions"] if s["name"] == band.session.name)
    assert band.get(f"/api/sessions/{entry['name']}").json["style"] == "pop_ballad"
    log = next(file for file in entry["files"] if file["name"] == "session.jsonl")
    answer = band.get(log["href"])
    assert answer.body.startswith(b'{"sideman_session":1')
    assert (band.session / "session.jsonl").read_bytes().startswith(answer.body)
    assert "path" not in entry


def test_part_of_a_file_can_be_had(band):
    answer = band.get(f"/api/sessions/{band.session.name}/session.jsonl", Range="bytes=1-15")
    assert (answer.status, answer.body) == (206, b'"sideman_sessio')


@pytest.mark.parametrize(
    "path",
    [
        "../s/{name}/session.jsonl",
        "{name}/../{name}/session.jsonl",
        "{name}/..%2f..%2fconfig.toml",
        "%2e%2e/{name}/session.jsonl",
        "..%2f..%2f..%2fetc/passwd",
        "{name}/%2fetc%2fpasswd",
        "{name}/config.toml",
        "{name}/session.jsonl%00",
        "{name}/",
        ".hidden/session.jsonl",
        "linked/session.jsonl",
        "half/tokens.jsonl",
    ],
)
def test_path_tricks_are_refused(band, tmp_path, path):
    sessions = band.session.parent
    (sessions.parent / "config.toml").write_text("secret")
    (tmp_path / "session.jsonl").write_text("secret")
    half = sessions / "half"
    half.mkdir(exist_ok=True)
    for link, target in ((sessions / "linked", tmp_path), (half / "tokens.jsonl", tmp_path / "session.jsonl")):
        link.unlink(missing_ok=True)
        link.symlink_to(target)
    (half / "session.jsonl").write_text("")
    answer = band.get("/api/sessions/" + path.format(name=band.session.name))
    assert answer.status == 404
    assert b"secret" not in answer.body


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["..", ".", "%2e%2e", "%2f", "/", "s", "etc", "passwd", "%00", "%5c"]), max_size=8))
def test_no_spelling_leads_out_of_the_folder(band, words):
    answer = band.get("/api/sessions/" + "".join(words))
    assert answer.status == 404 or answer.json.keys() == {"sessions"}
