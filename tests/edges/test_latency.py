from hypothesis import given
from hypothesis import strategies as st

from realtime.edges.latency import Latency


def test_no_measurements_are_all_zero() -> None:
    summary = Latency().summary()
    assert (summary.count, summary.p50, summary.p99, summary.worst) == (0, 0, 0, 0)


@given(st.lists(st.integers(-5, 2**36), min_size=1, max_size=200))
def test_percentiles_are_at_most_an_eighth_too_high_and_never_too_low(measured: list[int]) -> None:
    latency = Latency()
    for micros in measured:
        latency.add(micros)
    ordered = sorted(max(micros, 0) for micros in measured)
    summary = latency.summary()
    assert summary.count == len(ordered)
    assert summary.worst == ordered[-1]
    middle = ordered[(len(ordered) + 1) // 2 - 1]
    if middle < 2**32:
        assert middle <= summary.p50 <= middle * 1.125 + 1
