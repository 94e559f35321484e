"""`sideman style import`: an arranger's style passes our check and gives back its notes over its own chord."""

import json
import tomllib

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.cli import main
from daemon.sty_casm import StyError
from daemon.sty_chords import degrees_text
from daemon.sty_file import parse_sty
from daemon.sty_import import import_sty
from daemon.style_check import check
from daemon.style_text import style_text
from realtime.core.bandleader import BandLeader, BeatPlan
from realtime.core.chance import Chance
from realtime.core.chord import QUALITIES, Chord, parse_chord
from realtime.core.degrees import parse_degrees
from realtime.core.key_finder import Key
from realtime.core.meter import Meter
from realtime.core.parameters import DEFAULTS
from realtime.core.register import NOBODY
from realtime.core.style_reader import parse_style
from tests.daemon.arranger_styles import (
    BASS_1,
    DRUMS_1,
    HATS,
    STRINGS,
    StyBuilder,
    casm,
    cseg,
    ctab,
    ctb2,
    rule,
    whole_style,
)

EVERYTHING = DEFAULTS | {f"part/{part}/density": 1.0 for part in ("keys", "pad")}
KEY_OF_C = Key(0, minor=False)


def imported(builder):
    return import_sty(parse_sty(builder.bytes()), "a test")


def style_of(builder):
    return parse_style(tomllib.loads(style_text(imported(builder).mapping, [])), "imported")


def played(style, chord, *, bars=1, variation="A"):
    """What the band plays over a chord that is held, everything that is written."""
    leader, chord, notes = BandLeader(style, Chance(1)), parse_chord(chord), []
    for beat in range(bars * style.meter.beats_per_bar):
        plan = BeatPlan(
            number=beat, chord=chord, chord_before=chord if beat else None, coming=(chord,) * 8, key=KEY_OF_C,
            energy=0.6, crowd=NOBODY, harmony=True,
        )  # fmt: skip
        notes += leader.play(plan, style.meter, EVERYTHING | {"variation": variation})
    return notes


def bass_of(style, chord, **more):
    return [(note.start / 960, note.pitch % 12) for note in played(style, chord, **more) if note.part == "bass"]


@pytest.mark.parametrize("version", ["SFF1", "SFF2"])
def test_an_imported_style_passes_the_check_without_a_hint(version, tmp_path):
    (tmp_path / "one.sty").write_bytes(whole_style(version).bytes())
    assert main(["style", "import", str(tmp_path / "one.sty"), "-o", str(tmp_path / "one.toml")]) == 0
    assert check(tmp_path / "one.toml") == ([], [])


@pytest.mark.parametrize("version", ["SFF1", "SFF2"])
def test_over_its_own_chord_bass_and_drums_are_the_source_s(version):
    style = style_of(whole_style(version))
    assert bass_of(style, "Cmaj7") == [(start, pitch % 12) for start, _, pitch, _ in sorted(BASS_1)]
    hits = {(note.start / 960, note.pitch) for note in played(style, "Cmaj7") if note.part == "drums"}
    assert hits == {(start, pitch) for start, _, pitch, _ in DRUMS_1 + HATS}


@given(st.lists(st.tuples(st.integers(0, 31), st.integers(30, 52)), min_size=1, max_size=16, unique_by=lambda n: n[0]))
@settings(deadline=None, max_examples=40)
def test_any_bass_line_in_sixteenths_comes_back_by_pitch_class_and_place(line):
    notes = [(step / 4, 0.2, pitch, 100) for step, pitch in line]
    grid = [(step / 4, 0.1, 42, 80) for step in range(32)]
    tail = casm(cseg(["Main A"], ctab(9, 9, follows=rule(1, 0)), ctab(10, 10, follows=rule(0, 1))))
    style = style_of(StyBuilder(tail=tail).section("Main A", 8, c9=grid, c10=notes))
    first_beat = [(start, pitch) for start, pitch in bass_of(style, "Cmaj7", bars=2) if start > 0]
    # The very first chord is stated by the bass whatever the row says.
    assert first_beat == [(start, pitch % 12) for start, _, pitch, _ in sorted(notes) if start > 0]


def test_over_other_chords_the_third_is_theirs_and_an_exact_step_is_not():
    style = style_of(whole_style())
    assert [pitch for _, pitch in bass_of(style, "Fm7")] == [5, 8, 0, 5, 2, 8], "F Ab C F D and a flat third"
    assert style.hands["pad"].on_change is False, "RTR stop: silent until it is struck again"
    assert style.hands["keys"].on_change


@pytest.mark.parametrize(("ntt", "first"), [(3, 4), (2, 0)])
def test_the_bass_goes_with_a_foreign_bass_note_if_its_table_says_so(ntt, first):
    tail = casm(cseg(["Main A"], ctab(10, 10, follows=rule(0, ntt))))
    style = style_of(StyBuilder(tail=tail).section("Main A", 4, c10=[(0, 1, 36, 90), (2, 1, 36, 90)]))
    assert bass_of(style, "C/E")[-1] == (2.0, first)


def test_a_source_chord_in_another_key_and_of_another_kind_is_read_by_degrees():
    tail = casm(cseg(["Main A"], ctab(10, 10, follows=rule(0, 3), root=9, chord_type=10)))
    notes = [(0, 1, 33, 90), (1, 1, 36, 90), (2, 1, 40, 90), (3, 1, 43, 90)]
    assert imported(StyBuilder(tail=tail).section("Main A", 4, c10=notes)).mapping["groove"]["A"]["bass"] == "b 3 5 7"


def test_chord_parts_keep_rhythm_and_place():
    style = style_of(whole_style("SFF2"))
    keys = [note for note in played(style, "Cmaj7") if note.part == "keys"]
    assert {note.start / 960 for note in keys} >= {0.5, 1.5, 2.5, 3.5}
    assert all(51 <= note.pitch <= 72 for note in keys)
    pad = [note for note in played(style, "Cmaj7") if note.part == "pad"]
    assert {note.start for note in pad} == {0}
    assert min(note.end for note in pad) > 3.5 * 960


def test_an_intro_has_the_chords_that_are_heard_in_it_and_the_break_those_of_the_song():
    mapping = imported(whole_style()).mapping
    assert mapping["intro"]["1"]["chords"] == mapping["ending"]["1"]["chords"] == "| V7 / I / |"
    assert mapping["intro"]["1"]["bass"].startswith("b--- ---- b---")
    assert "chords" not in mapping["break"]["1"]
    assert [fill["into"] for fill in mapping["fill"]] == ["A", "B", "C", "D"]


def test_an_intro_may_be_written_out_whatever_the_chord():
    tail = casm(cseg(["Main A", "Intro B"], ctab(10, 10, follows=rule(1, 0))))
    walk = [(beat, 0.9, pitch, 90) for beat, pitch in enumerate([36, 40, 43, 45])]
    found = imported(StyBuilder(tail=tail).section("Main A", 4, c10=walk).section("Intro B", 4, c10=walk))
    assert found.mapping["groove"]["A"]["bass"] == ". . . ."
    assert set(found.mapping["intro"]["2"]["bass"]) - {" "} != {"."}
    assert found.left_out[0] == "Bass: it plays the same notes over every chord"


def test_what_is_left_out_is_told_in_plain_words():
    melody = [(beat, 0.9, 72 + beat, 90) for beat in range(4)]
    conga = [(0, 0.1, 27 + 60, 90), (1, 0.1, 60, 90), (2, 0.1, 36, 90)]
    tables = (
        ctab(9, 9, follows=rule(1, 0)), ctab(14, 14), ctab(11, 11, chords=0b111),
        ctab(2, 11), ctab(12, 12, follows=rule(1, 0)),
    )  # fmt: skip
    builder = StyBuilder(tail=casm(cseg(["Main A"], *tables)))
    builder.section("Main A", 4, c9=conga, c14=melody, c11=STRINGS, c2=STRINGS, c12=STRINGS, c5=STRINGS)
    told = "\n".join(imported(builder).left_out)
    for part in (
        "Phrase 1: a line of single notes",
        "Chord 1: channel 12, which is for other chords only",
        "Chord 2: it plays the same notes over every chord",
        "channel 6, which CASM says nothing of",
        "drums that we have no voice for: key 87",
        "high bongo by conga_high",
        "fills: the file has none",
    ):
        assert part in told


def test_rules_for_the_outermost_notes_are_left_out():
    table = bytearray(ctb2(10, 10, follows=rule(0, 0x81)))
    table[8 + 20] = 40
    builder = StyBuilder(tail=casm(cseg(["Main A"], bytes(table)))).section("Main A", 4, c10=[(0, 1, 36, 90)])
    assert "Bass: rules of their own for its lowest and highest notes" in imported(builder).left_out


def test_the_noise_of_frets_is_no_bass_note():
    slides = [(beat + 0.5, 0.1, 96 + beat, 60) for beat in range(3)]
    found = imported(StyBuilder().section("Main A", 4, c10=[(0, 1, 36, 90), *slides]))
    assert found.mapping["groove"]["A"]["bass"] == "b- .. .. .."
    assert any(what.startswith("3 noises") for what in found.left_out)


def test_without_a_casm_the_channels_are_the_parts_and_missing_variations_are_those_before():
    found = imported(StyBuilder().section("Main A", 4, c9=DRUMS_1, c10=BASS_1).section("Main B", 4, c9=HATS))
    assert any("no CASM" in remark for remark in found.remarks)
    assert any(remark.startswith("C, D: not in the file") for remark in found.remarks)
    assert found.mapping["groove"]["D"] == found.mapping["groove"]["B"] != found.mapping["groove"]["A"]


def test_no_name_in_the_file_breaks_the_text_it_is_told_in():
    odd = StyBuilder(title='a "b"\n\x1b[2J').section("Main A", 4, c9=HATS).section("Main \nx = 1", 4)
    found = imported(odd)
    told = [f"left out: {what}" for what in found.left_out]
    assert tomllib.loads(style_text(found.mapping, told))["title"] == 'a "b"[2J'
    assert any("Main" in what for what in told)


def test_brushes_a_waltz_and_swing_are_carried_over():
    kit = [
        mido.Message("control_change", channel=9, control=0, value=127),
        mido.Message("program_change", channel=9, program=40),
    ]
    swung = [(beat + off, 0.2, 40 if off else 38, 80) for beat in range(6) for off in (0, 2 / 3)]
    mapping = imported(StyBuilder(meter=(3, 4), setup=kit).section("Main A", 6, c9=swung)).mapping
    assert (mapping["kit"], mapping["meter"], mapping["swing"], mapping["steps_per_beat"]) == ("brushes", "3/4", 1.0, 2)
    assert set(mapping["groove"]["A"]["drums"]) == {"brush_tap", "brush_swish"}


@given(
    st.lists(st.builds(Chord, st.integers(0, 11), st.sampled_from(sorted(QUALITIES)), st.integers(0, 11)), min_size=4)
)
def test_degrees_that_are_written_are_read_as_the_same_chords(chords):
    chords = chords[: len(chords) // 4 * 4]
    assert list(parse_degrees(degrees_text(chords, Meter(4, 4)), 4).beats) == chords


@settings(deadline=None, max_examples=30)
@given(st.data())
def test_whatever_can_be_read_is_imported_as_a_right_style(data):
    names = data.draw(
        st.lists(st.sampled_from(["Main B", "Fill In AA", "Intro B", "Ending C", "Fill In BA"]), unique=True)
    )
    times = st.floats(0, 7.9, allow_nan=False)
    note = st.tuples(times, st.floats(0.01, 6), st.integers(0, 127), st.integers(1, 127))
    meter = data.draw(st.sampled_from([(4, 4), (3, 4), (6, 8), (12, 8), (7, 8), (5, 4)]))
    builder = StyBuilder(meter=meter, tempo_bpm=data.draw(st.floats(20, 400)))
    for name in ["Main A", *names]:
        channels = data.draw(st.lists(st.integers(8, 15), unique=True, max_size=5))
        notes = {f"c{channel}": data.draw(st.lists(note, max_size=8)) for channel in channels}
        builder.section(name, 8, **notes)
    try:
        style_of(builder)
    except StyError as refused:
        assert str(refused)


def test_the_command_puts_it_where_styles_are_found_and_overwrites_nothing(tmp_path, capsys, monkeypatch):
    for name in ("HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "config"))
    (tmp_path / "8Beat Ballad!.STY").write_bytes(whole_style().bytes())
    assert main(["style", "import", str(tmp_path / "8Beat Ballad!.STY"), "--json"]) == 0
    [result] = json.loads(capsys.readouterr().out)["files"]
    assert result["output"].endswith("styles/8beat_ballad.toml")
    assert result["left_out"] == ["one-touch settings (OTSc, 44 bytes)"]
    assert main(["style", "list"]) == 0
    assert "8beat_ballad" in capsys.readouterr().out
    assert main(["style", "import", str(tmp_path / "8Beat Ballad!.STY")]) == 2
    assert "is there already" in capsys.readouterr().err


def test_a_file_that_is_none_is_told_and_exits_with_one(tmp_path, capsys):
    (tmp_path / "no.sty").write_bytes(b"RIFF")
    assert main(["style", "import", str(tmp_path / "no.sty"), "-o", str(tmp_path / "no.toml")]) == 1
    assert "does not begin with MThd" in capsys.readouterr().out
    assert not (tmp_path / "no.toml").exists()
    assert main(["style", "import"]) == 2
