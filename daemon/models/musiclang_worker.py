"""The process that holds musiclang-predict: JSON lines in, JSON lines out. It needs nothing of sideman.

Run by the Python of musiclang's own environment: `python musiclang_worker.py`. musiclang-predict is under the GPL; it
is never imported by sideman, which speaks with this process only through a pipe.

`{"op": "parts", "chords": ["Am", "CM"], "beats": 4, "seed": 1}` asks for parts over chords, `{"op": "chords",
"count": 4, "seed": 1}` for chords and parts of its own. Notes come as [part, pitch, start, length, velocity], in beats.
"""

import json
import os
import resource
import sys
from typing import Any

REPOSITORY = "musiclang/musiclang-v2"
MOST_CHORDS = 64
MOST_TOKENS = 2000  # a little less than the models' 2048: past their context the library's C code crashes
TOP_PITCH = 127
MIDDLE_C = 60


def notes_of(score: Any) -> list[list[Any]]:  # noqa: ANN401 - the library has no types
    """The sounding notes of a score; its pitches count from middle C."""
    notes = []
    for row in score.to_sequence().itertuples():
        sounds = not row.silence and not row.continuation and row.pitch == row.pitch
        pitch = int(row.pitch) + MIDDLE_C if sounds else -1
        if 0 <= pitch <= TOP_PITCH and row.end > row.start:
            velocity = max(1, min(TOP_PITCH, int(row.note_amp)))
            notes.append([row.instrument, pitch, float(row.start), float(row.end - row.start), velocity])
    return notes


def answer(predictor: Any, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401
    """What one request asks for."""
    sampling = {
        "rng_seed": max(1, int(request.get("seed", 1))),
        "temperature": min(2.0, max(0.05, float(request.get("temperature", 0.9)))),
        "nb_tokens": MOST_TOKENS,
    }
    if request["op"] == "parts":
        chords = request["chords"]
        if not 0 < len(chords) <= MOST_CHORDS:
            raise ValueError(f"1 to {MOST_CHORDS} chords, but {len(chords)} were given")
        score = predictor.predict_chords(" ".join(chords), time_signature=(int(request.get("beats", 4)), 4), **sampling)
    elif request["op"] == "chords":
        score = predictor.predict(nb_chords=max(1, min(int(request["count"]), MOST_CHORDS)), **sampling)
    else:
        raise ValueError("unknown op {!r}".format(request["op"]))
    durations = [float(chord.duration) for chord in score]
    return {"chords": score.to_chord_repr().split(), "beats": durations, "notes": notes_of(score)}


def cap_memory() -> None:
    """As `daemon.models.limits` does; this file stands alone."""
    allowed = os.environ.get("SIDEMAN_MODEL_BYTES", "")
    try:
        os.nice(5)
        if allowed.isdigit():
            resource.setrlimit(resource.RLIMIT_DATA, (int(allowed), int(allowed)))
    except (OSError, ValueError):
        pass  # macOS has no such limit


def main() -> None:
    """Answers until stdin ends."""
    cap_memory()
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # never a silent download
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # libraries that print do so on stderr
    from musiclang_predict import MusicLangPredictor  # noqa: PLC0415 - seconds, and it prints

    predictor = MusicLangPredictor(REPOSITORY)
    for line in sys.stdin:
        request = json.loads(line)
        reply = {"id": request.get("id")}
        try:
            reply.update({} if request.get("op") == "hello" else answer(predictor, request))
        except Exception as error:  # whatever the library throws, the caller is told
            reply["error"] = f"{type(error).__name__}: {error}"
        answers.write(json.dumps(reply) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
