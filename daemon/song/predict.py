"""Small questions about chords: what comes next, and what a progression does."""

from collections.abc import Mapping
from typing import Any, Final

from daemon.song.given import given_chart
from daemon.song.key import BadKey, key_named
from daemon.song.make import oracle_tables
from daemon.song.request import MOST_STEPS, RULES, BadRequest, Fault
from daemon.song.spelling import chord_name
from daemon.theory import BadProgression, analyse, explain, read_progression
from realtime.core.chart import BadChart
from realtime.core.chord import Chord
from realtime.core.chord_tokens import NO_CHORD_TOKEN, chord_of
from realtime.core.key_finder import Key
from realtime.core.oracle import Oracle

SHOWN: Final = 8
USUAL_STEPS: Final = 4
QUESTION_FIELDS: Final = ("chords", "key", "steps")


def predict_chords(content: Mapping[str, Any]) -> dict[str, Any]:
    """The likeliest chords after those of `chords` in `key`, and how the progression may go on for `steps` chords.

    Raises:
        BadRequest: naming every field that is wrong.
    """
    key, steps = _checked(content)
    key = key or Key(0, minor=False)
    chords = _changes(content, key)
    oracle = Oracle(weights=oracle_tables(), grid="changes")
    for chord in chords:
        oracle.observe(chord)
    first = oracle.foresee(1)[0].distribution
    ranked = sorted(range(NO_CHORD_TOKEN), key=lambda token: -first[token])
    likely = [(each, float(first[token])) for token in ranked[:SHOWN] if (each := chord_of(token)) is not None]
    onward: list[Chord] = []
    for _ in range(steps):
        expected = oracle.foresee(1)[0].distribution[:NO_CHORD_TOKEN]
        likeliest = chord_of(int(expected.argmax()))
        assert likeliest is not None, "only silence is no chord, and it is left out"
        onward.append(likeliest)
        oracle.observe(likeliest)
    return {
        "key": key.name,
        "heard": [chord_name(chord, key) for chord in chords],
        "next": [{"chord": chord_name(each, key), "probability": round(share, 4)} for each, share in likely],
        "progression": [chord_name(chord, key) for chord in onward],
    }


def explain_chords(content: Mapping[str, Any]) -> dict[str, Any]:
    """The analysis of `chords`, in `key` if it is given, and its explanation.

    Raises:
        BadRequest: naming every field that is wrong.
    """
    key, _ = _checked(content)
    text = str(content.get("chords") or "")
    try:
        analysis = analyse(read_progression(text, key), key)
    except BadProgression as problem:
        raise BadRequest([Fault("chords", text, f"{RULES['chords'].allowed} ({problem})")]) from None
    return {**analysis.as_json(), "explanation": explain(analysis).as_json()}


def _checked(content: Mapping[str, Any]) -> tuple[Key | None, int]:
    faults = [Fault(name[:80], value, "left out: only " + ", ".join(QUESTION_FIELDS) + " are known")
              for name, value in content.items() if name not in QUESTION_FIELDS]  # fmt: skip
    key, steps = None, content.get("steps", USUAL_STEPS)
    if not isinstance(content.get("chords", ""), str):
        faults.append(Fault("chords", content["chords"], RULES["chords"].allowed))
    if not isinstance(steps, int) or isinstance(steps, bool) or not 1 <= steps <= MOST_STEPS:
        faults.append(Fault("steps", steps, f"a whole number 1 to {MOST_STEPS}"))
    if content.get("key") is not None:
        try:
            key = key_named(str(content["key"]))
        except BadKey:
            faults.append(Fault("key", content["key"], RULES["key"].allowed))
    if faults:
        raise BadRequest(faults)
    return key, steps


def _changes(content: Mapping[str, Any], key: Key) -> list[Chord]:
    text = str(content.get("chords") or "")
    if not text.strip():
        return []
    try:
        beats = [chord for chord in given_chart(text, key, 4).beats if chord is not None]
    except BadChart as problem:
        raise BadRequest([Fault("chords", text, f"{RULES['chords'].allowed} ({problem})")]) from None
    return [chord for place, chord in enumerate(beats) if place == 0 or chord != beats[place - 1]]
