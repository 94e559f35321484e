"""Style files of arranger keyboards: cut into sections by their markers, and refused where they lie."""

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.sty_casm import StyError
from daemon.sty_file import parse_sty, read_sty
from tests.daemon.arranger_styles import StyBuilder, casm, chunk, cseg, ctab, whole_style

WHOLE = whole_style().bytes()


def simple(**more):
    return StyBuilder(**more).section("Main A", 4, c10=[(0, 1, 36, 100)])


def test_title_tempo_meter_and_format_are_read():
    sty = parse_sty(simple(title="Slow waltz", tempo_bpm=90, meter=(3, 4), version="SFF2").midi())
    assert (sty.title, round(sty.tempo_bpm), str(sty.meter), sty.format) == ("Slow waltz", 90, "3/4", "SFF2")
    assert sty.casm is None


def test_notes_belong_to_the_section_whose_marker_came_last_and_end_with_it():
    builder = StyBuilder().section("Intro A", 4, c10=[(3, 9, 40, 80)]).section("Main A", 8, c10=[(4.5, 1, 36, 100)])
    sty = parse_sty(builder.midi())
    assert (sty.sections["Intro A"].quarters, sty.sections["Main A"].quarters) == (4, 8)
    [cut] = sty.sections["Intro A"].channels[10]
    assert (cut.start, cut.length, cut.pitch, cut.velocity) == (3, 1, 40, 80)
    assert sty.sections["Main A"].channels[10][0].start == 4.5


def test_a_drum_kit_is_told_by_its_bank():
    kit = [mido.Message("control_change", channel=4, control=0, value=127), mido.Message("program_change", channel=4)]
    kit[1].program = 40
    assert parse_sty(simple(setup=kit).midi()).kits == {4: 40}


@pytest.mark.parametrize("gap", [b"", b"\0"])
def test_a_casm_that_is_a_byte_late_is_found(gap):
    assert parse_sty(simple().midi() + gap + casm(cseg(["Main A"], ctab(10, 10)))).casm is not None


def test_what_comes_after_is_named_and_left():
    sty = parse_sty(simple(tail=chunk("OTSc", bytes(9)) + chunk("Zzzz", b"")).bytes())
    assert sty.skipped == ["one-touch settings (OTSc, 9 bytes)", "a chunk (Zzzz, 0 bytes)"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"RIFF", "does not begin with MThd"),
        (simple().midi()[:40], "MTrk at byte 14: is"),
        (StyBuilder().section("Chorus", 4).midi(), "has no marker Main A"),
        (simple().midi() + casm(cseg(["Main A"], ctab(77, 10))), "the source channel"),
        (StyBuilder().section("Main A", 400).midi(), "a section is 400 quarters long"),
        (b"MThd\0\0\0\6\0\0\0\1\1\xe0junk" + bytes(9), "MTrk was expected at byte 14"),
    ],
)
def test_a_file_that_lies_is_told_where(data, told):
    with pytest.raises(StyError) as refused:
        parse_sty(data)
    assert told in str(refused.value)


def test_the_error_names_the_file(tmp_path):
    (tmp_path / "no.sty").write_bytes(b"no")
    with pytest.raises(StyError, match=r"no\.sty: is not a style file"):
        read_sty(tmp_path / "no.sty")
    with pytest.raises(StyError, match=r"gone\.sty: cannot be read"):
        read_sty(tmp_path / "gone.sty")


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_clearly(data):
    for start in (b"", b"MThd\0\0\0\6\0\0\0\1\1\xe0MTrk\0\0\0\4"):
        with pytest.raises(StyError):
            parse_sty(start + data)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_a_file_with_wrong_bytes_or_cut_short_is_read_or_refused(data):
    bad = bytearray(WHOLE[: data.draw(st.integers(0, len(WHOLE)))])
    for place in data.draw(st.lists(st.integers(0, max(0, len(bad) - 1)), max_size=6)) if bad else []:
        bad[place] = data.draw(st.integers(0, 255))
    try:
        parse_sty(bytes(bad))
    except StyError as error:
        assert str(error)
