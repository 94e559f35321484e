"""A score as text: what the band played, heard and foresaw, a line each, so that a change of music shows as a diff."""

from realtime.core.events import ChordForeseen, ChordHeard, NoteOn

BAR_TICKS = 3840
DRUMS = {
    36: "kick", 37: "rim", 38: "snare", 42: "hat", 46: "open", 49: "crash", 51: "ride", 54: "tambourine", 70: "shaker",
}  # fmt: skip


def line_of(stamped, heart):
    """A line of the score: when in bars, beats and ticks, who, what, how loud."""
    bar, ticks = divmod(heart.position(stamped.at), BAR_TICKS)
    when = f"{bar + 1:>2}.{ticks // 960 + 1}.{ticks % 960:03}"
    match stamped.event:
        case NoteOn(part="player"):
            return None
        case NoteOn(part, _, pitch, velocity):
            return f"{when} {part:<5} {DRUMS.get(pitch, pitch) if part == 'drums' else pitch} {velocity}"
        case ChordHeard(chord, _):
            return f"{when} heard {chord}"
        case ChordForeseen(chord=chord, beats_away=away):
            return f"{when} foreseen in {away}: {chord}"
        case _:
            return None
