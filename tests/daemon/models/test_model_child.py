"""A model in a process of its own may die, hang, talk nonsense or eat memory: the caller gets a plain error in time."""

import json
import os
import sys
import textwrap
import threading

import pytest

from daemon.models.child import LONGEST_PAUSE_SECONDS, ModelChild, ModelGone, ModelLate, ModelRefused
from daemon.worker_environment import worker_environment

PATIENCE = 60.0
"""Seconds that only a broken test waits for."""

ECHO = """
    import json, sys
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps({"id": request["id"], "said": request.get("say")}), flush=True)
"""


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def child():
    children = []

    def make(program, **options):
        command = [sys.executable, "-c", textwrap.dedent(program)]
        made = ModelChild(command, name="model", environment=worker_environment(), **options)
        children.append(made)
        return made

    yield make
    for made in children:
        made.close()


def is_alive(process_id):
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def test_an_answer_comes_back_and_the_child_stays(child):
    echo = child(ECHO)
    assert [echo.ask({"say": n}, PATIENCE)["said"] for n in range(3)] == [0, 1, 2]
    assert echo.starts == 1


def test_nothing_is_started_before_it_is_asked(child):
    assert not child(ECHO).is_running


def test_a_child_that_dies_is_told_with_its_last_words(child):
    dying = child("import sys; sys.stdin.readline(); sys.exit('no weights here')")
    with pytest.raises(ModelGone, match="it died"):
        dying.ask({}, PATIENCE)
    assert not dying.is_running


def test_a_child_that_died_is_started_again_after_a_pause_that_doubles(child):
    clock = Clock()
    dying = child("import sys; sys.stdin.readline()", now=clock)
    pauses = []
    for _ in range(9):
        with pytest.raises(ModelGone, match="died"):
            dying.ask({}, PATIENCE)
        starts = dying.starts
        with pytest.raises(ModelGone, match="is started again in"):
            dying.ask({}, PATIENCE)
        assert dying.starts == starts
        pauses.append(dying._not_before - clock.seconds)
        clock.seconds = dying._not_before
    assert pauses == [1, 2, 4, 8, 16, 32, LONGEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS]


def test_a_child_that_hangs_is_ended_with_all_its_children(child, tmp_path):
    pipe = tmp_path / "held"
    os.mkfifo(pipe)
    hanging = child(f"""
        import subprocess, sys, json, time
        held = open({str(pipe)!r}, "w")
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], pass_fds=[held.fileno()])
        for line in sys.stdin:
            request = json.loads(line)
            if request.get("say") == "hang":
                time.sleep(600)
            print(json.dumps({{"id": request["id"]}}), flush=True)
    """)
    heard = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    hanging.ask({}, PATIENCE)
    os.set_blocking(heard, True)
    outer = hanging.process_id
    with pytest.raises(ModelLate, match=r"no answer in 0\.05 s"):
        hanging.ask({"say": "hang"}, 0.05)
    assert not is_alive(outer)
    assert os.read(heard, 1) == b""  # nobody holds the other end any more


@pytest.mark.parametrize("nonsense", ["hello", "[1, 2]", "{", '"x"', "\\x00\\xff"])
def test_a_child_that_talks_nonsense_is_ended(child, nonsense):
    babbling = child(f"import sys; sys.stdin.readline(); print('''{nonsense}''', flush=True); sys.stdin.read()")
    with pytest.raises(ModelGone, match="which is no JSON object"):
        babbling.ask({}, PATIENCE)
    assert not babbling.is_running


def test_a_line_without_end_is_cut_and_so_nonsense(child):
    endless = child("""
        import sys; sys.stdin.readline()
        while True: sys.stdout.write("x" * 65536)
    """)
    with pytest.raises(ModelGone, match="which is no JSON object"):
        endless.ask({}, PATIENCE)


def test_an_answer_to_an_earlier_request_is_left_out(child):
    doubled = child("""
        import json, sys
        for line in sys.stdin:
            number = json.loads(line)["id"]
            for each in (number - 1, number):
                print(json.dumps({"id": each}), flush=True)
    """)
    assert doubled.ask({}, PATIENCE)["id"] == 1
    assert doubled.ask({}, PATIENCE)["id"] == 2


def test_a_refusal_leaves_the_child_running(child):
    refusing = child("""
        import json, sys
        for line in sys.stdin:
            print(json.dumps({"id": json.loads(line)["id"], "error": "no such chord"}), flush=True)
    """)
    with pytest.raises(ModelRefused, match="no such chord"):
        refusing.ask({}, PATIENCE)
    assert refusing.is_running


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux caps a process's data")
def test_a_child_that_wants_too_much_memory_dies_of_it(child):
    greedy = child(
        """
        import sys
        from daemon.models.limits import cap_memory
        cap_memory()
        sys.stdin.readline()
        hoard = bytearray(1 << 30)
        """,
        memory_bytes=256 << 20,
    )
    with pytest.raises(ModelGone, match="died"):
        greedy.ask({}, PATIENCE)


def test_a_program_that_is_not_there_is_told():
    absent = ModelChild(["/no/such/python"], name="model")
    with pytest.raises(ModelGone, match="/no/such/python cannot be started: No such file"):
        absent.ask({}, PATIENCE)


def test_requests_of_two_threads_get_their_own_answers(child):
    echo = child(ECHO)
    answers = {}

    def ask(name):
        answers[name] = [echo.ask({"say": (name, n)}, PATIENCE)["said"] for n in range(20)]

    threads = [threading.Thread(target=ask, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {name: [[name, n] for n in range(20)] for name in "ab"}


def test_closing_ends_the_child_and_twice_is_once(child):
    echo = child(ECHO)
    echo.ask({}, PATIENCE)
    process = echo.process_id
    echo.close()
    echo.close()
    assert not is_alive(process)


def test_requests_are_one_line_of_json_each(child):
    mirror = child("""
        import json, sys
        for line in sys.stdin:
            print(json.dumps({"id": json.loads(line)["id"], "line": line}), flush=True)
    """)
    text = "new\nline ♯ 🎹"
    assert json.loads(mirror.ask({"say": text}, PATIENCE)["line"])["say"] == text
