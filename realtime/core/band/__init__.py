"""The band: each player turns a beat of the plan into notes."""
