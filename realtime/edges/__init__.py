"""Where the world comes in and goes out: clock, MIDI, OSC, sound engine, and the stage that joins them."""
