"""Somebody else's program in a Link session: prints how it stands, and does what it is told, a word a line.

`play`, `stop`, `tempo 133`. Each line printed is JSON; times are microseconds of `time.perf_counter`.
"""

import json
import select
import sys
import time

import link

session = link.Link(float(sys.argv[1]))
session.startStopSyncEnabled = True
session.enabled = True
clock = session.clock()
while True:
    if select.select([sys.stdin], [], [], 0.02)[0]:
        words = sys.stdin.readline().split()
        if not words:
            break
        state = session.captureSessionState()
        now = clock.micros()
        if words[0] == "tempo":
            state.setTempo(float(words[1]), now)
        elif words[0] == "play":
            state.setIsPlayingAndRequestBeatAtTime(True, now, 0, 4)
        else:
            state.setIsPlaying(False, now)
        session.commitSessionState(state)
    state = session.captureSessionState()
    before, theirs, after = time.perf_counter_ns(), clock.micros(), time.perf_counter_ns()
    seen = {
        "at": (before + after) // 2_000,
        "beat": state.beatAtTime(theirs, 4),
        "tempo": state.tempo(),
        "playing": state.isPlaying(),
        "peers": session.numPeers(),
    }
    sys.stdout.write(json.dumps(seen) + "\n")
    sys.stdout.flush()
