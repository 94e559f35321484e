"""`evaluate melody`: what comes later changes nothing before; what a session repeats costs less and less."""

from dataclasses import replace

import numpy as np
import pytest

from daemon.config import ConfigError
from daemon.evaluation.chart import chart_chord
from daemon.evaluation.corpus import ChartSpan, Tune, TuneNote
from daemon.evaluation.melody import FIGURES, judge, models
from daemon.evaluation.melody_lines import line_of
from daemon.evaluation.melody_stages import stages
from daemon.evaluation.rehearsal import BandOrder
from daemon.models.phrase_lines import written
from realtime.core.meter import Meter
from realtime.core.phrase_memory import PhraseMemory
from realtime.core.phrase_words import STEPS, meter_id, read_notes

PHRASE = (60, 64, 67, 65, 64, 62, 60, 59)


def tune_of(pitches, beat=1.0, meter=(4, 4), pickup=0.0):
    notes = tuple(TuneNote(place * beat, beat * 0.9, pitch) for place, pitch in enumerate(pitches))
    spans = tuple(
        ChartSpan(4.0 * bar, 4.0, chart_chord((0, 5, 7, 0)[bar % 4], "maj", None))
        for bar in range(int(len(pitches) * beat) // 4 + 1)
    )
    return Tune("t", ((0.0, Meter(*meter)),), melody=notes, chart=spans, pickup=pickup)


def bits(tune, count):
    net, mixer = models("")
    found = []
    for stage in stages(line_of(tune, "any"), PhraseMemory(mixer.priors), net):
        if stage.note >= count:
            break
        odds = mixer.mix(stage.kind, stage.guesses, stage.features, stage.net)
        found.append(float(-np.log2(odds[stage.target])))
    return found


@pytest.mark.parametrize("cut", [12, 20, 33])
def test_what_comes_later_changes_nothing_before(cut):
    rng = np.random.default_rng(3)
    tune = tune_of([int(pitch) for pitch in rng.integers(55, 80, size=48)], beat=0.5)
    other = replace(
        tune,
        melody=(*tune.melody[:cut], *(replace(note, pitch=40, length=0.25) for note in tune.melody[cut:])),
        chart=tuple(
            span if span.start < tune.melody[cut].start else replace(span, chord=chart_chord(11, "7", None))
            for span in tune.chart
        ),
    )
    assert bits(tune, cut) == pytest.approx(bits(other, cut), abs=1e-4)


def test_what_comes_again_and_again_costs_little():
    tally = judge(tune_of(PHRASE * 8), BandOrder({}, {}))
    share = {name: tally.sums[name][0] / tally.sums[name][1] for name in tally.sums if len(tally.sums[name]) == 2}
    assert share["bits_per_note.second_half"] < 0.5
    assert share["bits_per_note.second_half"] < share["bits_per_note.all"] < share["net.all"]
    assert share["bits_per_note.all"] == pytest.approx(
        share["bits_per_note.ioi"] + share["bits_per_note.pitch"] + share["bits_per_note.duration"]
    )


def test_the_same_order_gives_the_same_marks():
    tune = tune_of(PHRASE * 5)
    one, other = (judge(tune, BandOrder({}, {}, seed=4)) for _ in range(2))
    assert all(np.array_equal(one.sums[name], other.sums[name]) for name in one.sums)
    assert set(one.sums) <= set(FIGURES)


def test_a_melody_that_begins_late_is_judged():
    tune = tune_of(PHRASE * 2)
    late = replace(tune, melody=tuple(replace(note, start=note.start + 200.0) for note in tune.melody))
    assert judge(late, BandOrder({}, {})).n == 16


def test_a_tune_without_a_melody_is_not_judged():
    assert judge(tune_of(PHRASE[:5]), BandOrder({}, {})) is None


def test_a_model_that_is_none_is_the_configurations_fault(tmp_path):
    with pytest.raises(ConfigError, match=r"models\.phrase"):
        models(str(tmp_path))


@pytest.mark.parametrize(
    ("meter", "pickup"), [((4, 4), 0.0), ((3, 4), 1.0), ((6, 8), 0.5), ((9, 8), 0.0), ((2, 2), 3.0)]
)
def test_a_line_gives_its_tune_back(meter, pickup):
    tune = tune_of(PHRASE * 3, beat=0.5, meter=meter, pickup=pickup)
    line = line_of(tune, "any")
    words = written(line)
    start = line.bars[0].start
    read = list(read_notes([meter_id(words.quarters), *words.ids]))
    assert [(note.onset + start, note.pitch) for note in read] == [
        (round(note.start * STEPS), note.pitch) for note in tune.melody
    ]
