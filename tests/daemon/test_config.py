"""The configuration: defaults, checks, messages."""

import tomllib
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.config import SECTIONS, Config, ConfigError, from_mapping, rules
from daemon.config_rules import Number

DEFAULT_FILE = Path(__file__).parents[2] / "configs" / "default.toml"

json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
real_keys = st.sampled_from([*SECTIONS, "parameters"])
real_names = st.sampled_from([path.split(".")[1] for path in rules()] + ["energy", "part/bass/mute"])


def test_the_default_file_says_exactly_what_the_code_says():
    written = tomllib.loads(DEFAULT_FILE.read_text(encoding="utf-8"))
    assert from_mapping(written) == Config()
    assert {f"{s}.{k}" for s, keys in written.items() for k in keys} == set(rules())


def test_every_default_obeys_its_own_rule():
    plain = asdict(Config())
    for path, rule in rules().items():
        section, key = path.split(".")
        assert rule.accepts(plain[section][key]), path


def test_an_error_lists_every_problem_with_path_value_and_range():
    with pytest.raises(ConfigError) as caught:
        from_mapping(
            {
                "osc": {"port": 0, "prt": 1},
                "band": {"tempo_bpm": 900, "meter": "4/5"},
                "audio": {"monitor": "yes"},
                "midi": 3,
                "odc": {},
                "parameters": {"enrgy": 0.5, "energy": 2},
            }
        )
    text = str(caught.value)
    assert len(caught.value.problems) == 9
    for expected in (
        "osc.port: must be a whole number 1 to 65535, but was 0",
        "osc.prt: unknown key; did you mean osc.port?",
        "band.tempo_bpm: must be a number 20 to 400, but was 900",
        "band.meter: must be empty, or a time signature such as 4/4",
        "audio.monitor: must be true or false, but was 'yes'",
        "midi: must be a table of keys, but was 3",
        "odc: unknown key; did you mean osc?",
        'parameters."enrgy": no such parameter; did you mean energy?',
        'parameters."energy": must be a number 0 to 1, but was 2',
    ):
        assert expected in text


def test_the_band_cannot_decide_further_ahead_than_it_plans():
    with pytest.raises(ConfigError, match="at most oracle"):
        from_mapping({"oracle": {"commit_beats": 5, "lookahead_beats": 4}})


def test_a_whole_number_will_do_for_a_tempo():
    tempo = from_mapping({"band": {"tempo_bpm": 120}}).band.tempo_bpm
    assert tempo == 120.0
    assert isinstance(tempo, float)


def test_true_is_not_a_number():
    with pytest.raises(ConfigError):
        from_mapping({"osc": {"port": True}})


def test_named_keys_and_free_parameters_both_reach_the_performer():
    config = from_mapping(
        {"band": {"tempo_bpm": 80.0, "style": "x"}, "oracle": {"commit_beats": 2}, "parameters": {"swing": 0.25}}
    )
    parameters = config.performer_parameters()
    assert parameters == {"style": "x", "transport/tempo": 80.0, "commit": 2, "lookahead": 8, "swing": 0.25}


@given(st.dictionaries(real_keys | st.text(), json_like | st.dictionaries(real_names | st.text(), json_like)))
def test_any_mapping_gives_a_configuration_or_a_config_error(mapping):
    try:
        outcome = from_mapping(mapping)
    except ConfigError as error:
        outcome = error.problems
    assert isinstance(outcome, Config) or (outcome and all(len(problem) < 1000 for problem in outcome))


def test_no_number_rule_accepts_what_is_no_number():
    rule = Number(0, 1, "", whole=False)
    assert not any(rule.accepts(value) for value in (float("nan"), float("inf"), None, "1", True, [1]))
