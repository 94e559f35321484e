"""MIDI learn through a whole session: learnt by HTTP, bound by a key, there the next night, and replayed."""

from daemon.replay import replay
from daemon.session_reader import open_session
from daemon.styles_folder import performer_of


def test_a_pad_that_was_learnt_presses_its_button_tonight_and_the_next_night(start_band, tmp_path):
    band = start_band(home=tmp_path)
    hands = band.websocket()
    assert band.do("midi/learn", "part/bass/mute").status == 200
    assert band.get("/api/live/state").json["learning"] == "part/bass/mute"
    hands.send({"note": [36, 100]})
    hands.until(lambda m: any(e["type"] == "ControlBound" for e in m.get("events", ())))
    hands.send({"note": [36, 0]})
    hands.send({"note": [36, 100]})
    hands.until(lambda m: m.get("delta", {}).get("parameters", {}).get("part/bass/mute") is True)
    band.stop()
    verdict = replay(open_session(band.session), performer_of)
    assert verdict.is_clean
    assert verdict.outputs

    again = start_band(home=tmp_path)
    (bound,) = again.get("/api/live/state").json["controls"]
    assert (bound["target"], bound["message"], bound["mode"]) == ("part/bass/mute", "note 36 ch 1", "toggle")
    assert again.do("midi/forget", "part/bass/mute").status == 200
    assert again.get("/api/live/state").json["controls"] == []
    assert again.do("midi/forget", "part/bass/mute").status == 422
