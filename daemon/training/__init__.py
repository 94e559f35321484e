"""Remakes everything that was learnt: tables and weights, from pieces."""
