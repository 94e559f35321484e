"""The phrase model at work: what is wanted becomes words, words notes, and the best of several takes is given."""
