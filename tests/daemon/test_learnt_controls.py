"""What MIDI learn has bound is there the next time; what the configuration binds is the configuration's."""

import json

import pytest
import trio
import trio.testing

from daemon.config import ConfigError, from_mapping
from daemon.config_file import load
from daemon.config_text import as_toml
from daemon.learnt_controls import LearntControls, configured_controls
from realtime.core.events import ActionRequested, ControlBound, ControlForgotten, Stamped
from realtime.core.units import Micros

BOUND = ControlBound("energy", "cc 21 ch 1", "nano", "absolute", "", "osc:127.0.0.1:9")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "state" / "controls.json"


def told(learnt, *events):
    learnt.send([Stamped(Micros(0), event) for event in events])
    learnt.save()


def test_what_was_learnt_is_bound_again_the_next_time(file):
    told(LearntControls(file), BOUND)
    assert LearntControls(file).actions() == [
        ActionRequested("midi/bind", ("energy", "cc 21 ch 1", "nano", "absolute", ""), "kept")
    ]


def test_what_was_forgotten_is_not(file):
    learnt = LearntControls(file)
    told(learnt, BOUND, ControlBound("fill", "note 36", "", "press"))
    told(learnt, ControlForgotten("fill", "note 36", ""))
    assert [action.arguments[0] for action in LearntControls(file).actions()] == ["energy"]


def test_what_the_configuration_binds_is_not_kept_beside_it(file):
    told(LearntControls(file), ControlBound("fill", "note 36", "", "press", "", "config"))
    assert not file.exists()


def test_a_file_that_cannot_be_read_is_said_and_left_alone(file):
    file.parent.mkdir()
    file.write_text('[{"target": 3}]')
    learnt = LearntControls(file)
    assert "controls.json" in learnt.trouble
    told(learnt, BOUND)
    assert file.read_text() == '[{"target": 3}]'


def test_it_is_written_while_the_band_plays(file):
    async def main():
        learnt = LearntControls(file)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(learnt.keep)
            learnt.send([Stamped(Micros(0), BOUND)])
            await trio.testing.wait_all_tasks_blocked()
            nursery.cancel_scope.cancel()  # once the disk has answered: a thread is not cancelled
        return json.loads(file.read_text())

    (row,) = trio.run(main)
    assert row["target"] == "energy"


def test_controls_in_the_configuration_become_inputs_and_can_be_shown_and_read_back(tmp_path):
    control = [{"message": "cc 21", "target": "energy"}, {"message": "note 36", "target": "style", "value": "waltz"}]
    config = from_mapping({"midi": {"control": control}})
    assert [action.arguments for action in configured_controls(config)] == [
        ("energy", "cc 21", "", "", ""),
        ("style", "note 36", "", "", "waltz"),
    ]
    shown = tmp_path / "shown.toml"
    shown.write_text("\n".join(as_toml({"midi": {"control": config.midi.control}})))
    assert load(shown).midi.control == config.midi.control


@pytest.mark.parametrize(
    ("control", "problem"),
    [
        ("cc 21", "midi.control: must be a list of tables"),
        ([{"message": "cc 21"}], "midi.control: must be a list of tables"),
        ([{"message": "cc 21", "target": "energy", "speed": 1}], "midi.control: must be a list of tables"),
        ([{"message": "cc 21", "target": 3}], "midi.control: must be a list of tables"),
        ([{"message": "cc 999", "target": "energy"}], r"midi.control\[0\]: message: as 'cc 21'"),
        ([{"message": "cc 1", "target": "no/such"}], r"midi.control\[0\]: target: a parameter or an action"),
    ],
)
def test_controls_that_are_none_are_refused_with_what_is_allowed(control, problem):
    with pytest.raises(ConfigError, match=problem):
        from_mapping({"midi": {"control": control}})
