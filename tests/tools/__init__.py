"""Tools that look at what the tests measure."""
