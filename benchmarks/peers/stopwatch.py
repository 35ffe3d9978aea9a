"""Runs a command and writes what it cost: python -m benchmarks.peers.stopwatch FILE COMMAND...

A process begins with the peak memory of the one it was forked from, so this one is small. It needs the standard
library alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path


def main() -> None:
    """Run the command, then end as it ended."""
    file, *command = sys.argv[1:]
    start = time.perf_counter()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    taken = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    cost = {
        "seconds": round(taken, 2),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 2),
        "peak_mb": round(peak / 1e6, 1),
    }
    Path(file).write_text(json.dumps(cost), encoding="utf-8")
    sys.exit(1 if process.returncode else 0)


if __name__ == "__main__":
    main()
