"""The memory of songs: what goes in comes out, and nothing is lost."""

import pytest

from daemon.cli import main
from daemon.config import Config, ConfigError, from_mapping
from daemon.memory_file import MAX_MEMORY_BYTES, MemoryFile, memory_file, merged, read_memory
from realtime.core.chord import parse_chord
from realtime.core.oracle import Oracle


def songs(*lists):
    """A memory of songs, each a text of chords, a bar each."""
    oracle = Oracle()
    for text in lists:
        oracle.begin_song()
        for symbol in text.split():
            for _ in range(4):
                oracle.observe(parse_chord(symbol))
    return oracle.save()


def test_what_is_saved_is_loaded_the_next_time(tmp_path):
    file = tmp_path / "set.memory"
    assert MemoryFile(file).loaded == b""
    assert MemoryFile(file).save(songs("C Am F G")) == ""
    assert MemoryFile(file).loaded == songs("C Am F G")
    assert [path.name for path in tmp_path.iterdir()] == ["set.memory"]


def test_several_memories_are_known_as_one_and_only_the_first_is_written(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(songs("C Am F G"))
    two.write_bytes(songs("Dm G C C"))
    memory = MemoryFile(one, [two])
    assert memory.loaded == merged([songs("C Am F G"), songs("Dm G C C")])
    assert memory.save(songs("E A")) == ""
    assert (one.read_bytes(), two.read_bytes()) == (songs("E A"), songs("Dm G C C"))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "too short"),
        (b"MThd" * 20, "no oracle's memory"),
        (songs("C F")[:-9], "damaged|short|end"),
        (songs("C F")[:40] + b"\xff" + songs("C F")[41:], "damaged"),
        (b"smSONGS1" * 200_000, f"larger than {MAX_MEMORY_BYTES}"),
    ],
)
def test_what_is_no_memory_is_refused_by_name_and_left_as_it_is(tmp_path, content, why, capsys):
    file = tmp_path / "set.memory"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=why):
        read_memory(file)
    assert main(["demo", "--fast", "-o", str(tmp_path / "demo"), "--memory", str(file)]) == 2
    told = capsys.readouterr().err.strip()
    assert "set.memory" in told
    assert len(told.splitlines()) == 1
    assert file.read_bytes() == content
    assert not (tmp_path / "demo").exists()


@pytest.mark.parametrize("name", ["nowhere/set.memory", "."])
def test_where_no_memory_can_be_kept_is_said_before_anything_is_played(tmp_path, name):
    with pytest.raises(ConfigError, match="--memory"):
        MemoryFile(tmp_path / name)


def test_another_memory_to_read_must_be_there(tmp_path):
    with pytest.raises(ConfigError, match="none"):
        MemoryFile(tmp_path / "set.memory", [tmp_path / "none"])


def test_a_full_disk_is_told_and_costs_neither_the_old_memory_nor_the_music(tmp_path, monkeypatch):
    file = tmp_path / "set.memory"
    file.write_bytes(songs("C F"))
    memory = MemoryFile(file)

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("daemon.memory_file.os.fsync", full)
    assert "No space left" in memory.save(songs("C F", "E A"))
    assert file.read_bytes() == songs("C F")
    assert [path.name for path in tmp_path.iterdir()] == ["set.memory"]


def test_who_heard_nothing_writes_nothing(tmp_path):
    memory = MemoryFile(tmp_path / "set.memory")
    memory.begin(Oracle().save())
    assert memory.save(Oracle().save(), finally_=True) == ""
    assert not (tmp_path / "set.memory").exists()


def test_two_at_once_lose_nothing(tmp_path):
    file = tmp_path / "set.memory"
    one, two = MemoryFile(file), MemoryFile(file)
    assert one.save(songs("C F")) == ""
    assert "another sideman" in two.save(songs("E A"))
    assert file.read_bytes() == songs("C F")
    assert two.save(songs("E A"), finally_=True) == ""
    assert file.read_bytes() == merged([songs("E A"), songs("C F")])


def test_a_link_stays_a_link(tmp_path):
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_bytes(songs("C F"))
    link.symlink_to(real)
    assert MemoryFile(link).save(songs("E A")) == ""
    assert link.is_symlink()
    assert real.read_bytes() == songs("E A")


def test_flags_win_over_the_configuration(tmp_path):
    config = from_mapping({"oracle": {"memory": str(tmp_path / "mine")}})
    assert memory_file(Config(), []) is None
    assert memory_file(config, []).path == tmp_path / "mine"
    assert memory_file(config, [tmp_path / "yours"]).path == tmp_path / "yours"


def test_a_performance_remembers_and_its_log_plays_again_with_what_it_knew(tmp_path, capsys):
    file, takes = tmp_path / "set.memory", [tmp_path / "one", tmp_path / "two"]
    for take in takes:
        assert main(["demo", "--fast", "-o", str(take), "--memory", str(file)]) == 0
    assert not (takes[0] / "memory.bin").exists()
    assert (takes[1] / "memory.bin").read_bytes() != file.read_bytes()
    for take in takes:
        assert main(["replay", str(take), "--verify"]) == 0
    (takes[1] / "memory.bin").unlink()
    assert main(["replay", str(takes[1]), "--verify"]) == 1
    assert "memory" in capsys.readouterr().out


def test_a_memory_in_the_output_folder_is_refused(tmp_path):
    file = tmp_path / "take" / "memory.bin"
    file.parent.mkdir()
    file.write_bytes(songs("C F"))
    assert main(["demo", "--fast", "-o", str(tmp_path / "take"), "--memory", str(file)]) == 2
    assert file.read_bytes() == songs("C F")
