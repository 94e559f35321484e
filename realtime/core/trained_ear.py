"""The trained ear: the chord net over this beat and what it remembers, fused with what was expected of the beat."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime._dsp import fuse_chords
from realtime.core.chord_features import BeatSight, Floats, features
from realtime.core.chord_net import ChordNet
from realtime.core.chord_tokens import FAMILY_COUNT, NO_CHORD_TOKEN, TOKEN_FAMILIES
from realtime.core.evidence import Evidence

Distribution = NDArray[np.float64]

LEAST_EXPECTED: Final = 0.02
"""What a prior calls impossible is not quite: the hands decide."""

PRIOR_SHARES: Final = (0.12, 0.04)
"""How much of a prior is added to what the net says, at the beginning of a beat and at its end.

The net remembers the piece by itself, so little is left to add: fitted on pieces kept aside from training for the most
right answers and an honest confidence.
"""

SUSPENSION_DOUBT: Final = 0.3
"""A suspension counts this much, when the chord to tell is chosen, where a third over its root sounds.

Annotators write suspensions over thirds that sound all the time; to be told the triad then is the lesser harm.
"""

THIRD_SOUNDS: Final = 0.06
"""From this share of all that sounds on."""

Place = tuple[int, int]
"""Which beat of how many in the bar, from 0."""

_SUSPENSION: Final = TOKEN_FAMILIES.index("sus")


def told(distribution: Distribution, evidence: Evidence) -> int:
    """The token to tell of those that may be."""
    likeliest = int(distribution.argmax())
    if likeliest % FAMILY_COUNT != _SUSPENSION or likeliest == NO_CHORD_TOKEN:
        return likeliest
    favoured, least = distribution.copy(), THIRD_SOUNDS * max(evidence.total, 1e-9)
    for root in range(12):
        if max(evidence.weights[(root + 3) % 12], evidence.weights[(root + 4) % 12]) > least:
            favoured[root * FAMILY_COUNT + _SUSPENSION] *= SUSPENSION_DOUBT
    return int(favoured.argmax())


class TrainedEar:
    """Judges beats and their beginnings; remembers the beats before."""

    __slots__ = ("_state", "net")

    def __init__(self, net: ChordNet) -> None:
        self.net = net
        self._state: Floats = net.blank_state()

    def judge(self, sight: BeatSight, place: Place | None, prior: Distribution | None) -> Distribution:
        """How likely each token is in what is seen so far; changes nothing."""
        return _fused(self.net.judge(*features(sight, place), self._state).logs, sight.elapsed, prior)

    def finish(self, sight: BeatSight, place: Place | None, prior: Distribution | None) -> Distribution:
        """The same of a beat that is over: it belongs to the past from here on."""
        judgement = self.net.judge(*features(sight, place), self._state)
        self._state = judgement.state
        return _fused(judgement.logs, sight.elapsed, prior)


def _fused(logs: Distribution, elapsed: float, prior: Distribution | None) -> Distribution:
    """What the net says and what was expected; `elapsed` is the part of the beat that was heard."""
    share = PRIOR_SHARES[0] + (PRIOR_SHARES[1] - PRIOR_SHARES[0]) * elapsed
    expected = b"" if prior is None else prior.tobytes()
    shares: Distribution = np.frombuffer(fuse_chords(logs.tobytes(), expected, share, LEAST_EXPECTED))
    return shares
