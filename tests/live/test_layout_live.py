"""The Pure Data layout, opened in Pure Data: it turns the band's knobs, and shows what the band says of them."""

import subprocess
from pathlib import Path

from daemon.layouts.files import Ports, layout
from tests.live.conftest import listening, osc_dump, stop, wait_for
from tests.live.test_daemon_live import Daemon
from tests.live.test_pd_live import pd  # noqa: F401 - a fixture

SHOWN = ("sideman/energy/is", "sideman/mode/told/0/is", "sideman/chord/now/told/0/is", "sideman/part/bass/mute/is")


def spy(folder: Path) -> Path:
    """A patch of the user's own beside the layout: prints what the layout's widgets are told."""
    lines = ["#N canvas 0 0 450 300 12;"]
    for number, name in enumerate(SHOWN):
        lines += [f"#X obj 20 {40 * number + 20} r {name};", f"#X obj 220 {40 * number + 20} print {name};"]
    lines += [f"#X connect {2 * number} 0 {2 * number + 1} 0;" for number in range(len(SHOWN))]
    file = folder / "spy.pd"
    file.write_text("\n".join(lines) + "\n")
    return file


def test_pure_data_opens_the_layout_without_a_complaint_plays_the_band_and_is_told(pd: str, tmp_path: Path) -> None:  # noqa: F811
    daemon = Daemon(tmp_path, "midi.backend=loopback", "audio.device=null")
    patch = tmp_path / "sideman.pd"
    patch.write_bytes(layout("pd", ["waltz", "reggae"], Ports(daemon.osc_port, daemon.feedback_port)))
    presses = "; sideman/mode/duet bang; sideman/style/waltz bang; sideman/part/bass/mute 1; sideman/energy 0.75"
    quiet = [pd, "-nogui", "-noaudio", "-nomidi", "-stderr"]
    try:
        with osc_dump(daemon.feedback_port, tmp_path / "osc.txt") as dump:
            command = [*quiet, "-open", str(spy(tmp_path)), "-open", str(patch), "-send", presses]
            with listening(command, tmp_path / "pd.txt") as shown:
                wait_for(lambda: "/sideman/energy f 0.75" in "\n".join(dump.lines()), what="the fader is heard")
                told = "\n".join(dump.lines())
                assert '/sideman/mode s "duet"' in told
                assert '/sideman/style s "waltz"' in told
                assert "/sideman/part/bass/mute i 1" in told
                daemon.osc("/sideman/energy", "f", "0.25")
                daemon.osc("/sideman/chord", "s", "Am7")
                wait_for(lambda: "sideman/energy/is: set 0.25" in shown.lines(), what="the fader is moved")
                wait_for(lambda: "sideman/chord/now/told/0/is: symbol Am7" in shown.lines(), what="the chord is shown")
                assert "sideman/mode/told/0/is: symbol duet" in shown.lines()
                expected = tuple(f"{name}: " for name in SHOWN)
                assert [line for line in shown.lines() if not line.startswith(expected)] == []
    finally:
        stop(daemon.process)


def test_the_layouts_are_downloaded_as_the_command_writes_them(tmp_path: Path) -> None:
    daemon = Daemon(tmp_path, "midi.backend=loopback", "audio.device=null")
    try:
        address = daemon.ready().partition("http=")[2].split()[0]
        got = subprocess.run(["curl", "-s", f"{address}/layouts/sideman.pd"], capture_output=True, check=True).stdout
        assert f"connect localhost {daemon.osc_port}".encode() in got
        listed = subprocess.run(["curl", "-s", f"{address}/layouts"], capture_output=True, check=True).stdout
        assert b"sideman.tosc" in listed
        assert b"sideman.maxpat" in listed
    finally:
        stop(daemon.process)
