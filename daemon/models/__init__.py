"""What learns, and what reads music as tokens."""
