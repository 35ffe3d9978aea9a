"""One builder at a time, with real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from indexer.errors import IndexBusy
from indexer.lock import Holder, building, holder

HOLD = "import sys, time, pathlib\nfrom indexer.lock import building\n"
HOLD += "with building(pathlib.Path(sys.argv[1])):\n    print('held', flush=True)\n    time.sleep(float(sys.argv[2]))\n"


def holding(folder: Path, seconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLD, str(folder), str(seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_who_holds_it_is_said(tmp_path: Path) -> None:
    process = holding(tmp_path / "i", 60)
    try:
        said = rf"process {process.pid} on .+, since 20.+Z \(-c .*"
        with pytest.raises(IndexBusy, match=said) as caught, building(tmp_path / "i"):
            pass
        assert "--wait" in caught.value.remedy
    finally:
        process.kill()
        process.communicate()


def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    process = holding(tmp_path / "i", 60)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert "held" not in (tmp_path / "i" / "lock").read_text()
    left = holder(tmp_path / "i")
    assert left is not None
    assert left.pid == process.pid  # what it wrote is there still, and holds nobody up
    with building(tmp_path / "i"):
        now = holder(tmp_path / "i")
        assert now is not None
        assert now.pid == os.getpid()
    assert holder(tmp_path / "i") is None


def test_waiting_until_it_is_free(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    process = holding(tmp_path / "i", 1)
    with building(tmp_path / "i", wait=60):
        assert process.wait() == 0
    process.communicate()
    assert f"waiting for process {process.pid}" in capsys.readouterr().err


def test_waiting_has_an_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    started = time.monotonic()
    late = pytest.raises(IndexBusy, match="1 s were waited")
    with building(tmp_path / "i"), late, building(tmp_path / "i", wait=1, quiet=True):
        pass
    assert time.monotonic() - started >= 1
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("content", ["", "1234\n", "[]", "{}", '{"pid": 1}', "\0" * 2000, "[" * 900])
def test_a_lock_that_says_nothing_holds_as_well(tmp_path: Path, content: str) -> None:
    with building(tmp_path / "i"):
        (tmp_path / "i" / "lock").write_text(content)
        with pytest.raises(IndexBusy, match="another process"), building(tmp_path / "i"):
            pass


def test_a_hostile_lock_steers_no_terminal() -> None:
    said = str(Holder(1, "a\x1b[2Jb", "now\n", "x\u202e" + "y" * 1000))
    assert said.isprintable()
    assert len(said) < 300
