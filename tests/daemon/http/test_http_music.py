"""`/api/music`: pieces by request, jobs, downloads, and what is said of requests that cannot be met."""

import base64
import io
import json
import socket
import time
import wave

import mido
import pytest

SMALL = {"genre": "gospel", "key": "C", "bars": 4, "seed": 1, "synthesize_audio": False}


def post(band, path, body, **headers):
    return band.ask("POST", f"/api/music/{path}", body, headers)


def midi_of(band, answer):
    return band.get(answer.json["downloads"]["midi"]).body


@pytest.fixture(scope="module")
def piece(band):
    answer = post(band, "generate", {**SMALL, "synthesize_audio": True})
    assert answer.status == 200, answer.body
    return answer


def test_a_piece_comes_with_its_chords_its_files_and_what_it_took(band, piece):
    told = piece.json
    assert told["key"] == "C major"
    assert told["chords"][-1]["roman"].startswith("I")
    assert told["theory"]["explanation"]["text"]
    assert set(told["seconds"]) >= {"chords", "melody", "midi", "tokens", "audio", "total"}
    assert len(mido.MidiFile(file=io.BytesIO(midi_of(band, piece))).tracks) > 4
    sound = band.get(told["downloads"]["audio"])
    assert sound.headers["content-type"] == "audio/wav"
    with wave.open(io.BytesIO(sound.body)) as audio:
        assert abs(audio.getnframes() / audio.getframerate() - told["audio"]["seconds"]) < 0.01


def test_a_part_of_the_sound_can_be_asked_for(band, piece):
    answer = band.get(piece.json["downloads"]["audio"], Range="bytes=0-3")
    assert (answer.status, answer.body) == (206, b"RIFF")


def test_the_same_seed_is_the_same_piece(band):
    one, other = (post(band, "generate", SMALL) for _ in range(2))
    assert midi_of(band, one) == midi_of(band, other)


def test_everything_that_is_wrong_is_named_at_once_with_what_is_allowed(band):
    answer = post(band, "generate", {"genre": "polka", "bars": 10**9, "chords": "H7 | zz", "tempo": "fast", "x": 1})
    assert answer.status == 422
    assert answer.headers["content-type"] == "application/problem+json"
    faults = {fault["field"]: fault for fault in answer.json["errors"]}
    assert set(faults) == {"genre", "bars", "chords", "tempo", "x"}
    assert faults["genre"]["value"] == "polka"
    assert "gospel" in faults["genre"]["allowed"]
    assert "1 to 256" in faults["bars"]["allowed"]
    assert answer.json["field"] == "genre"


def test_more_audio_than_is_made_is_refused(band):
    answer = post(band, "generate", {"bars": 256, "tempo": 30})
    assert (answer.status, answer.json["field"]) == (422, "bars")


@pytest.mark.parametrize("hostile", ["A" * 16_000, "|" * 5_000, "C/" * 1000, "\x00", "[" * 4000, "%", "I" * 9000])
def test_hostile_chords_are_refused(band, hostile):
    assert post(band, "generate", {**SMALL, "chords": hostile}).status == 422


def test_what_comes_next_is_told_with_probabilities(band):
    told = post(band, "chords/predict", {"chords": "Dm7 G7", "key": "C", "steps": 2}).json
    assert told["heard"] == ["Dm7", "G7"]
    assert told["next"][0]["chord"].startswith("C")
    assert 0 < sum(row["probability"] for row in told["next"]) <= 1
    assert len(told["progression"]) == 2


def test_a_progression_is_explained(band):
    told = post(band, "theory/explain", {"chords": "Dm7 G7 Cmaj7", "key": "C"}).json
    assert [chord["numeral"] for chord in told["chords"]] == ["ii7", "V7", "Imaj7"]
    assert post(band, "theory/explain", {"chords": ""}).status == 422


def test_a_melody_alone_has_one_track_of_notes(band):
    answer = post(band, "melody/generate", SMALL)
    assert [track["part"] for track in answer.json["tracks"]] == ["solo"]
    assert answer.json["melody"]["range_semitones"] <= 19


def test_a_midi_file_becomes_tokens_or_an_arrangement(band, piece):
    midi = base64.b64encode(midi_of(band, piece)).decode()
    assert post(band, "tokenize", {"midi": midi}).json["count"] > 100
    arranged = post(band, "arrange", {"midi": midi, "genre": "jazz", "synthesize_audio": False})
    assert arranged.json["bars"] == 4
    assert post(band, "tokenize", {"midi": "no base 64"}).json["field"] == "midi"
    assert post(band, "arrange", {}).json["field"] == "midi"


def test_a_job_can_be_followed_as_it_goes_on(band):
    begun = post(band, "generate?wait=false", SMALL)
    assert begun.status == 202
    place = begun.headers["location"]
    told = band.get(place + "/events")
    assert told.headers["content-type"].startswith("text/event-stream")
    states = [json.loads(line[6:])["state"] for line in told.body.decode().splitlines() if line.startswith("data: ")]
    assert states[-1] == "done"
    assert band.get(place).json["downloads"]["midi"]
    assert band.get(place + "/roll").json["notes"]
    assert place.rpartition("/")[2] in [job["id"] for job in band.get("/api/music/jobs").json["jobs"]]


def test_a_job_that_is_stopped_stops_within_a_second_and_the_next_one_is_done(band):
    begun = post(band, "generate?wait=false", {"bars": 128, "genre": "rock", "seed": 1})
    place = begun.headers["location"]
    while band.get(place).json["job"]["stage"] != "audio":
        pass
    asked = time.monotonic()
    stopped = band.ask("DELETE", place)
    assert stopped.json["job"]["state"] == "cancelled"
    assert post(band, "theory/explain", {"chords": "C F"}).status == 200
    assert time.monotonic() - asked < 20, "the whole job would have taken longer on a slow machine, too"
    assert band.get(place).json["job"]["state"] == "cancelled"


@pytest.mark.parametrize(
    "name",
    [
        "../job.json",
        "..%2f..%2fjob.json",
        "song.mid",
        "20260101000000-00000000.mid",
        "job.json",
        "%2e%2e/x.mid",
        "x" * 500,
    ],
)
def test_downloads_cannot_leave_their_folder(band, piece, name):
    assert band.get(f"/api/music/download/midi/{name}").status == 404
    assert band.get(f"/api/music/download/audio/{name}").status == 404


def test_a_request_that_is_no_json_object_is_refused(band):
    assert post(band, "generate", "[1]", **{"Content-Type": "application/json"}).status == 400
    assert post(band, "generate", "x", **{"Content-Type": "text/plain"}).status == 415
    assert post(band, "generate", {"midi": "x" * 2_000_000}).status == 413


def test_what_there_is_to_choose_from_is_told(band):
    told = band.get("/api/music/models/info").json
    assert {genre["name"] for genre in told["genres"]} >= {"gospel", "jazz", "classical"}
    assert [b["available"] for b in told["backends"] if b["name"] == "embedded"] == [True]


def test_jobs_are_known_after_a_restart_and_those_that_were_cut_off_say_so(start_band, tmp_path):
    first = start_band(home=tmp_path)
    done = post(first, "generate", SMALL)
    running = post(first, "generate?wait=false", {"bars": 200, "genre": "rock", "seed": 1}).headers["location"]
    while first.get(running).json["job"]["state"] == "waiting":
        pass
    first.stop()
    second = start_band(home=tmp_path)
    assert second.get(done.json["downloads"]["midi"]).status == 200
    assert second.get(running).json["job"]["state"] == "interrupted"


def test_fifty_at_once_are_all_answered(band):
    body = json.dumps({**SMALL, "bars": 2, "include_band": False}).encode()
    request = (
        b"POST /api/music/generate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Connection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    )
    sockets = [socket.create_connection(("127.0.0.1", band.port), 60) for _ in range(50)]
    for one in sockets:
        one.sendall(request)
    answers = []
    for one in sockets:
        with one, one.makefile("rb") as reading:
            answers.append(reading.read().split(b"\r\n")[0])
    assert [answer.split()[1] for answer in answers] == [b"200"] * 50
