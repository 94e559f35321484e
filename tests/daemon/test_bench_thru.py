"""What the key bench makes of what it heard."""

from daemon.bench_keys import Keys, measured
from daemon.bench_thru import summary


def test_each_key_is_measured_to_its_own_answers() -> None:
    played = [
        (1_000, b"\x90\x3c\x50"),
        (80_000, b"\x80\x3c\x50"),
        (100_000, b"\x90\x40\x50"),
        (200_000, b"\x90\x3c\x50"),
    ]
    answers = [
        (1_100, b"\x99\x24\x40"),  # the drummer
        (3_000, b"\x90\x3c\x50"),
        (3_200, b"\x94\x37\x50"),
        (3_300, b"\x94\x34\x50"),
        (102_500, b"\x90\x40\x50"),
        (102_600, b"\x84\x37\x50"),
        (205_000, b"\x90\x43\x50"),
    ]
    assert measured(played, answers) == Keys(keys=3, thru=[2_000, 2_500], harmonise=[2_200])


def test_percentiles_are_exact_and_nothing_is_zero() -> None:
    assert summary(list(range(1, 201))) == {"count": 200, "p50": 101, "p99": 199, "worst": 200}
    assert summary([]) == {"count": 0, "p50": 0, "p99": 0, "worst": 0}
