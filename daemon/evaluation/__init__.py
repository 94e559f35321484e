"""Evaluation: pieces with charts are streamed to the system as a live player would play them, and it is marked."""
