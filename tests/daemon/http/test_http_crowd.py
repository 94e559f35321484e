"""Clients that read slowly, or not at all, cost nobody else anything."""

import trio

from daemon.http.crowd import MOST_WAITING, PATIENCE_SECONDS, Client, Crowd
from tests.fakes import run_in_virtual_time


class Reader:
    """A WebSocket that takes a while for each frame."""

    def __init__(self, seconds=0.0):
        self.seconds = seconds
        self.got = []
        self.closed = None

    async def send(self, message):
        await trio.sleep(self.seconds)
        self.got.append(message["text"])

    async def close(self, code):
        self.closed = code


def crowd_of(*clients):
    crowd = Crowd()
    crowd._clients = set(clients)
    return crowd


def test_who_reads_slowly_misses_some_and_is_then_told_how_everything_stands():
    async def main():
        quick, slow = Reader(), Reader(0.5)
        readers = [Client(reader, lambda: ["how everything stands"]) for reader in (quick, slow)]
        crowd = crowd_of(*readers)
        async with trio.open_nursery() as nursery:
            for reader in readers:
                nursery.start_soon(reader.write)
            for number in range(2 * MOST_WAITING):
                crowd.offer(str(number))
                await trio.sleep(0.01)
            await trio.sleep(600)
            crowd.offer("the end")
            await trio.sleep(1)
            nursery.cancel_scope.cancel()
        return quick.got, slow.got

    quick, slow = run_in_virtual_time(main)
    assert quick == [*map(str, range(2 * MOST_WAITING)), "the end"]
    assert len(slow) < MOST_WAITING
    assert slow[-1] == "the end"
    assert "how everything stands" in slow


def test_who_does_not_read_at_all_is_let_go():
    async def main():
        client = Client(Reader(10 * PATIENCE_SECONDS))
        client.offer("hello")
        before = trio.current_time()
        try:
            await client.write()
        except trio.TooSlowError:
            return trio.current_time() - before
        return None

    assert run_in_virtual_time(main) == PATIENCE_SECONDS


def test_goodbye_has_its_code():
    async def main():
        reader = Reader()
        client = Client(reader)
        crowd_of(client).close()
        await client.write()
        return reader.closed

    assert run_in_virtual_time(main) == 1001
