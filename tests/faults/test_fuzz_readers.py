"""Sixty seconds of fuzzing, all readers together."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

SECONDS = 60


def test_no_input_breaks_a_reader(tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="atheris is only made for Linux on x86-64")
    command = [sys.executable, "-m", "tests.faults.fuzz_readers", "--seconds", str(SECONDS), "--keep", str(tmp_path)]
    run = subprocess.run(command, capture_output=True, check=False)
    told = (run.stdout + run.stderr).decode(errors="replace")
    assert run.returncode == 0, told[-5000:]
    assert list(tmp_path.iterdir()) == []
    done = re.search(r"Done (\d+) runs in", told)
    assert done is not None, told[-5000:]
    # Valid files of every format, to begin with, were read and bent.
    assert int(done[1]) > 1000
