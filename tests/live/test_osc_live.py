import subprocess
from pathlib import Path

import trio
import trio.lowlevel

from realtime.core.events import ChordHeard, ParameterSet, Stamped
from realtime.core.units import Micros
from realtime.edges.clock import SystemClock
from realtime.edges.inbox import Inbox
from realtime.edges.osc_packet import build
from realtime.edges.osc_port import OscPort
from tests.fakes import a_snapshot
from tests.live.conftest import free_udp_port, osc_dump, wait_for


def oscsend(port: int, address: str, *rest: str) -> None:
    subprocess.run(["oscsend", "localhost", str(port), address, *rest], check=True, timeout=10)


def test_somebody_elses_sender_turns_a_knob_and_somebody_elses_dump_sees_what_happens(tmp_path: Path) -> None:
    feedback = free_udp_port()

    async def main() -> None:
        clock, inbox = SystemClock(), Inbox()
        osc = OscPort(inbox, clock, a_snapshot, port=0, feedback=("127.0.0.1", feedback))
        _, port = osc.open()
        with trio.fail_after(30):
            async with trio.open_nursery() as nursery:
                await nursery.start(osc.run)
                await trio.to_thread.run_sync(oscsend, port, "/sideman/part/bass/level", "f", "0.25")
                while not (inputs := inbox.drain()):
                    await inbox.wait()
                event = inputs[0].event
                assert isinstance(event, ParameterSet)
                assert (event.path, event.value) == ("part/bass/level", 0.25)
                osc.send([Stamped(clock.now(), ChordHeard("Ebmaj7", 0.5))])
                osc.send([Stamped(Micros(clock.now() + 100_000), ChordHeard("Ab7", 0.75))])
                await trio.to_thread.run_sync(oscsend, port, "/sideman/subscribe", "i", str(feedback))
                await trio.to_thread.run_sync(oscsend, port, "/sideman/ping", "s", "hello")
                await trio.to_thread.run_sync(oscsend, port, "/sideman/refresh", "i", str(feedback))
                await trio.sleep(0.5)
                nursery.cancel_scope.cancel()
        osc.close()
        inbox.close()

    with osc_dump(feedback, tmp_path / "osc.txt") as dump:
        wait_for(lambda: f":{feedback:04X} " in Path("/proc/net/udp").read_text() + Path("/proc/net/udp6").read_text())
        trio.run(main)
        wait_for(lambda: any("transport/tempo" in line for line in dump.lines()))
        text = "\n".join(dump.lines())
    assert '/sideman/chord/now sf "Ebmaj7" 0.500000' in text
    assert text.index("Ebmaj7") < text.index("Ab7")
    assert "/sideman/subscribed i" in text
    assert '/sideman/state iiifsss 1 1 1 120.000000 "C" "C major" ""' in text
    assert "/sideman/part/bass/mute i 0" in text


def test_a_burst_of_twenty_thousand_messages_is_survived_and_counted() -> None:
    async def main() -> tuple[int, int]:
        clock, inbox = SystemClock(), Inbox()
        osc = OscPort(inbox, clock, a_snapshot, port=0, feedback=None)
        address = osc.open()
        datagram = build(("/sideman/energy", (0.5,)))
        sender = trio.socket.socket(trio.socket.AF_INET, trio.socket.SOCK_DGRAM)
        got = 0
        with trio.fail_after(60):
            async with trio.open_nursery() as nursery:
                await nursery.start(osc.run)
                for _ in range(200):
                    for _ in range(100):
                        await sender.sendto(datagram, address)
                    await trio.lowlevel.checkpoint()
                    got += len(inbox.drain())
                await trio.sleep(0.3)
                got += len(inbox.drain())
                nursery.cancel_scope.cancel()
        sender.close()
        osc.close()
        lost = inbox.statistics().lost + osc.statistics().replaced
        inbox.close()
        return got, lost

    got, lost = trio.run(main)
    assert got + lost > 15_000
