"""Takes the picture of now: what the band hears, plans and plays, as anybody may see it."""

from collections.abc import Mapping

from realtime.core.accompanist import Accompanist
from realtime.core.events import Value
from realtime.core.snapshot import PlannedBeat, Snapshot
from realtime.core.transport import Transport


def picture_of(
    band: Accompanist, transport: Transport, parameters: Mapping[str, Value], counters: Mapping[str, int]
) -> Snapshot:
    """What there is to see; `counters` are the caller's, to stand beside the band's."""
    number = max(0, transport.next_beat - 1)
    bar, beat = divmod(number, band.meter.beats_per_bar)
    bar += transport.first_bar
    key, planner = band.listener.key, band.planner
    return Snapshot(
        playing=transport.playing,
        tempo_bpm=transport.timeline.tempo_bpm,
        meter=str(band.meter),
        bar=bar + 1,
        beat=beat + 1,
        beat_number=number,
        chord=band.herald.chord_name,
        chord_confidence=band.herald.chord_confidence,
        key=key.name if key else "",
        key_confidence=band.listener.key_confidence,
        energy=band.prospect.energy,
        style=band.leader.style.name,
        variation=band.leader.variation,
        beats_per_bar=band.meter.beats_per_bar,
        section=band.form.section.letter if band.form.section else "",
        loop_beats=planner.oracle.loop_beats,
        plan=tuple(
            PlannedBeat(n, band.herald.name(planner.chord_on(n)), expected.probability, planner.is_promised(n))
            for n, expected in enumerate(planner.ahead, start=planner.first_ahead)
        ),
        coming=band.scheduler.coming(transport.timeline),
        sounding=band.scheduler.sounding_counts(),
        parameters=dict(parameters),
        counters={**counters, **band.counters, **band.roles.part.prompter.counters, "dropped": band.scheduler.dropped},
    )
