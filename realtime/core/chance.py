"""Seeded chance without a state: the same question always gets the same answer.

Why not a stream of random numbers: with a stream, one more draw in bar 3 changes every bar after it. Here each
draw is a hash of the seed and of what it is for (part, bar, step), so a groove is the same whenever it is
planned and however often, and a replay needs no generator state.
"""

from realtime._dsp import Chance

__all__ = ["Chance"]
