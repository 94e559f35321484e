"""Where the configuration comes from, and who wins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.config import Config, ConfigError
from daemon.config_file import load


def outcome(*arguments, **keywords):
    """A configuration, or the problems; anything else that is raised fails the test."""
    try:
        return load(*arguments, **keywords)
    except ConfigError as error:
        return error.problems


def test_without_a_file_the_defaults_hold(tmp_path):
    assert load(folder=tmp_path) == Config()


def test_the_users_file_is_found_and_flags_win_over_environment_over_file(tmp_path):
    (tmp_path / "config.toml").write_text("[osc]\nport = 1001\nfeedback_port = 1002\n[audio]\nframes = 64\n")
    environment = {"SIDEMAN_OSC__PORT": "2001", "SIDEMAN_OSC__FEEDBACK_PORT": "2002", "HOME": "/"}
    config = load(None, ["osc.port=3001"], environment, folder=tmp_path)
    assert (config.osc.port, config.osc.feedback_port, config.audio.frames) == (3001, 2002, 64)


@pytest.mark.parametrize(
    ("setting", "section", "key", "value"),
    [
        ("band.style=gospel", "band", "style", "gospel"),
        ('band.style="gospel"', "band", "style", "gospel"),
        ("band.meter=6/8", "band", "meter", "6/8"),
        ("audio.monitor=false", "audio", "monitor", False),
        ('midi.inputs=["Nord", "Launchkey"]', "midi", "inputs", ("Nord", "Launchkey")),
        ("session.folder=/tmp/with = sign", "session", "folder", "/tmp/with = sign"),
        ("band.tempo_bpm = 72.5", "band", "tempo_bpm", 72.5),
    ],
)
def test_a_setting_is_toml_or_bare_text(tmp_path, setting, section, key, value):
    config = load(None, [setting], folder=tmp_path)
    assert getattr(getattr(config, section), key) == value


def test_parameters_can_be_set_by_their_path(tmp_path):
    config = load(None, ['parameters."part/bass/level"=0.5', "parameters.part/keys/mute=true"], folder=tmp_path)
    assert config.parameters == {"part/bass/level": 0.5, "part/keys/mute": True}


def test_broken_toml_names_the_file_and_the_line(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text("[osc]\nport = = 3\n")
    with pytest.raises(ConfigError, match=r"mine\.toml: is not TOML: .*line 2"):
        load(file)


def test_a_file_that_was_asked_for_and_is_not_there_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "none.toml")


def test_a_setting_without_value_is_listed_beside_the_other_problems(tmp_path):
    with pytest.raises(ConfigError) as caught:
        load(None, ["osc.port", "osc.port=x", "osc=3"], folder=tmp_path)
    assert len(caught.value.problems) == 3


@given(st.binary(max_size=200))
def test_any_bytes_in_a_file_give_a_configuration_or_a_config_error(tmp_path_factory, data):
    file = tmp_path_factory.mktemp("config") / "c.toml"
    file.write_bytes(data)
    assert outcome(file)


@given(st.text(max_size=60), st.dictionaries(st.text(max_size=12).map("SIDEMAN_".__add__), st.text(max_size=20)))
def test_any_setting_and_environment_give_a_configuration_or_a_config_error(tmp_path_factory, setting, environment):
    folder = tmp_path_factory.getbasetemp()
    for text in (setting, "osc.port=" + setting):
        assert outcome(None, [text], environment, folder=folder)
