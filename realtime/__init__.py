"""What happens in time: a pure heart (`core`) and the edges that touch the world (`edges`)."""
