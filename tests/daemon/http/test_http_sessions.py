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


@pytest.fixture(scope="module")
def over(start_band, tmp_path_factory):
    """A band, and the name of a session that was played before: four bars of a chord with the band."""
    home = tmp_path_factory.mktemp("home")
    first = start_band(home=home)
    assert first.do("transport/start").status == 200
    ws = first.websocket()
    for pitch in (60, 64, 67):
        ws.send({"note": [pitch, 90]})
    ws.until(lambda m: any(e["type"] == "Beat" and e["bar"] == 2 for e in m.get("events", ())))
    for pitch in (60, 64, 67):
        ws.send({"note": [pitch, 0]})
    ws.send({"do": "transport/stop", "id": 1})
    ws.until(lambda m: m.get("id") == 1)
    first.stop()
    band = start_band(home=home)
    return band, first.session


def test_a_session_that_is_over_has_everything_to_download(over):
    band, session = over
    row = band.get(f"/api/sessions/{session.name}").json
    names = {"session.jsonl", "performance.mid", "band.mid", "tokens.jsonl", "summary.json"}
    assert names <= {file["name"] for file in row["files"]}
    for file in row["files"]:
        answer = band.get(file["href"])
        assert answer.body == (session / file["name"]).read_bytes()
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{session.name}_{file["name"]}"'


def test_the_roll_has_every_note_of_the_log_with_its_end(over):
    band, session = over
    roll = band.get(f"/api/sessions/{session.name}/roll").json
    log = (session / "session.jsonl").read_text()
    assert len(roll["notes"]) == log.count('"type":"NoteOn"') > 10
    assert {(part, pitch) for part, pitch, *_ in roll["notes"]} >= {("player", 60), ("player", 64), ("player", 67)}
    for _, pitch, velocity, begins, ends in roll["notes"]:
        assert 0 <= pitch <= 127
        assert 1 <= velocity <= 127
        assert 0 <= begins <= ends <= roll["milliseconds"]
    assert [bar for _, bar, beat in roll["beats"] if beat == 1][:2] == [1, 2]
    assert roll["chords"][0][1].startswith("C")
    assert not roll["is_cut"]


def test_a_mix_is_made_once_and_can_be_downloaded(over):
    band, session = over
    row = band.ask("POST", f"/api/sessions/{session.name}/mix").json
    (mix,) = (file for file in row["files"] if file["name"] == "mix.wav")
    assert band.get(mix["href"]).body[:4] == b"RIFF"
    made = (session / "mix.wav").stat().st_mtime_ns
    assert band.ask("POST", f"/api/sessions/{session.name}/mix").status == 200
    assert (session / "mix.wav").stat().st_mtime_ns == made
    assert not list(session.glob(".*"))


def test_the_session_being_recorded_can_be_looked_at_but_neither_mixed_nor_deleted(band):
    name = band.session.name
    assert band.get(f"/api/sessions/{name}/roll").status == 200
    assert band.ask("POST", f"/api/sessions/{name}/mix").status == 409
    assert band.ask("DELETE", f"/api/sessions/{name}").status == 409
    assert (band.session / "session.jsonl").is_file()


def test_deleting_removes_what_sideman_wrote_and_nothing_else(over, tmp_path):
    band, session = over
    gone, kept = session.parent / "gone", session.parent / "kept"
    outside = tmp_path / "tokens.jsonl"
    outside.write_text("mine")
    for folder in (gone, kept):
        folder.mkdir()
        (folder / "session.jsonl").write_bytes((session / "session.jsonl").read_bytes())
    (kept / "lyrics.txt").write_text("mine")
    (kept / "tokens.jsonl").symlink_to(outside)
    assert band.ask("DELETE", "/api/sessions/gone").json == {"deleted": "gone", "left": []}
    assert band.ask("DELETE", "/api/sessions/kept").json == {"deleted": "kept", "left": ["lyrics.txt"]}
    assert not gone.exists()
    assert (outside.read_text(), (kept / "lyrics.txt").read_text()) == ("mine", "mine")
    assert band.ask("DELETE", "/api/sessions/kept").status == 404


@pytest.mark.parametrize("name", ["..", "%2e%2e", "..%2fs", "linked", ".", "no", "%00", "a%2fb"])
def test_no_trick_deletes_mixes_or_rolls_anything_elsewhere(band, tmp_path, name):
    (tmp_path / "session.jsonl").write_text("mine")
    link = band.session.parent / "linked"
    link.unlink(missing_ok=True)
    link.symlink_to(tmp_path)
    for method, rest in (("DELETE", ""), ("POST", "/mix"), ("GET", "/roll")):
        assert band.ask(method, f"/api/sessions/{name}{rest}").status in (404, 405)
    assert (tmp_path / "session.jsonl").read_text() == "mine"


def test_a_log_that_is_none_is_said_to_be_none(band):
    folder = band.session.parent / "broken"
    folder.mkdir(exist_ok=True)
    (folder / "session.jsonl").write_text("no log\n")
    assert band.get("/api/sessions/broken").json["trouble"]
    assert band.get("/api/sessions/broken/roll").status == 500
    answer = band.ask("POST", "/api/sessions/broken/mix")
    assert answer.status == 500
    assert "no mix could be made" in answer.json["detail"]
