"""The trained ear: the chord net over this beat and the past, fused with what was expected of the beat."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.core.chord_features import BeatSight, Past, features
from realtime.core.chord_net import ChordNet

Distribution = NDArray[np.float64]

LEAST_EXPECTED: Final = 0.02
"""What a prior calls impossible is not quite: the hands decide."""

NET_SHARES: Final = (0.8, 0.83)
PRIOR_SHARES: Final = (0.25, 0.2)
"""How much is believed of the net and of a prior, at the beginning of a beat and at its end.

Fitted on pieces kept aside from training: the most right answers and an honest confidence.
"""

Place = tuple[int, int]
"""Which beat of how many in the bar, from 0."""


@dataclass(slots=True)
class TrainedEar:
    """Judges beats and their beginnings; remembers the beats before."""

    net: ChordNet
    _past: Past = field(default_factory=Past)

    def judge(self, sight: BeatSight, place: Place | None, prior: Distribution | None) -> Distribution:
        """How likely each token is in what is seen; changes nothing."""
        logs = self.net.scores(*features(sight, self._past, place))
        if prior is not None:
            net = NET_SHARES[0] + (NET_SHARES[1] - NET_SHARES[0]) * sight.elapsed
            expected = PRIOR_SHARES[0] + (PRIOR_SHARES[1] - PRIOR_SHARES[0]) * sight.elapsed
            logs = net * logs + expected * np.log(prior + LEAST_EXPECTED)
            logs -= logs.max()
        odds = np.exp(logs)
        shares: Distribution = odds / odds.sum()
        return shares

    def remember(self, sight: BeatSight) -> None:
        """The beat is over and belongs to the past."""
        self._past.add(sight)
