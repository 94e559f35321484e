"""The pure heart: it receives events, returns events, and touches nothing else."""
