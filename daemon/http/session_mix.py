"""The mix of a recorded session, made on demand by a process of its own, behind everybody else."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import trio

from daemon.http.problem import Problem
from daemon.session_folder import MIX_NAME
from daemon.worker_environment import worker_environment

POLITENESS: Final = 9
"""On top of the web process's own: the band goes first where there are too few cores."""

MOST_SECONDS: Final = 300.0
_MAKING: Final = ".making.wav"


class Mixer:
    """Makes one mix at a time."""

    def __init__(self) -> None:
        self._is_busy = False

    async def mix(self, folder: Path) -> None:
        """Sees to it that there is a mix in `folder`.

        Raises:
            Problem: another one is being made (429), or it cannot be made (500, 503).
        """
        if (folder / MIX_NAME).is_file():
            return
        if self._is_busy:
            raise Problem(429, "another mix is being made", headers={"Retry-After": "5"})
        self._is_busy = True
        making = folder / _MAKING
        try:
            with trio.move_on_after(MOST_SECONDS) as waiting:
                done = await _render(folder, making)
            if waiting.cancelled_caught:
                raise Problem(503, f"the mix took longer than {MOST_SECONDS:g} s")
            if done.returncode != 0:
                said = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
                raise Problem(500, f"no mix could be made: {said.removeprefix('sideman: ')[:300]}")
            making.replace(folder / MIX_NAME)
        finally:
            self._is_busy = False
            with contextlib.suppress(OSError):
                making.unlink(missing_ok=True)


async def _render(folder: Path, making: Path) -> "subprocess.CompletedProcess[bytes]":
    return await trio.run_process(
        [sys.executable, "-P", "-m", "daemon", "render", str(folder), "-o", str(making)],
        check=False,
        capture_stdout=True,
        capture_stderr=True,
        env=worker_environment(),
        preexec_fn=_step_back,
    )


def _step_back() -> None:
    os.nice(POLITENESS)
