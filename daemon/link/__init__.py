"""Ableton Link: tempo, beat, bar, start and stop shared with the other programs on the network."""
