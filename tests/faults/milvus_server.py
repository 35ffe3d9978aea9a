"""A real Milvus server in a process of its own; it listens to everyone, so only for a namespace of its own.

python -m tests.faults.milvus_server HOME      unpacks it into a folder, with its configuration
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

PORT = 19530
_HEALTH = 9091
_PATIENCE = 180


class MilvusServer:
    """A Milvus standalone, with all that it keeps in `home`."""

    def __init__(self, home: Path) -> None:
        """Unpack it, start it, and wait until it answers."""
        self._home = home
        subprocess.run([sys.executable, "-m", "tests.faults.milvus_server", str(home)], check=True)
        self.start()

    def start(self, *, certificate: Path | None = None, key: Path | None = None) -> None:
        """Start it, with what it kept, and wait until it says that it is healthy.

        With a `certificate` and its `key`, PEM both, it speaks TLS and nothing else.
        """
        binary = self._home / "bin" / "milvus"
        environment = {
            **os.environ,
            "DEPLOY_MODE": "STANDALONE",
            "METRICS_PORT": str(_HEALTH),
            "MILVUS_RUN_DIR": str(self._home / "run"),
            "LD_LIBRARY_PATH": str(binary.parent),
        }
        if certificate:
            environment |= {
                "COMMON_SECURITY_TLSMODE": "1",
                "TLS_SERVERPEMPATH": str(certificate),
                "TLS_SERVERKEYPATH": str(key),
            }
        with (self._home / "out").open("ab") as out:
            self._process = subprocess.Popen(
                [binary, "run", "standalone"], cwd=self._home, env=environment, stdout=out, stderr=out
            )
        deadline = time.monotonic() + _PATIENCE
        while not self._healthy():
            assert self._process.poll() is None, (self._home / "out").read_text()[-2_000:]
            assert time.monotonic() < deadline, "it does not become healthy"
            time.sleep(0.1)

    def kill(self) -> None:
        """End it as a power failure would: it can let SIGTERM pass."""
        self._process.kill()
        self._process.wait()

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{_HEALTH}/healthz", timeout=5) as answer:
                return b"OK" in answer.read()
        except (urllib.error.URLError, OSError):
            return False


def unpack(home: str) -> None:
    """Do what the package does before it starts the server.

    Its own start would look for other ports where those of a server that was killed are not free yet.
    """
    import milvus

    milvus.MilvusServerConfig(data_dir=home, proxy_port=PORT).resolve()
    milvus._initialize_data_files(home)


if __name__ == "__main__":
    unpack(sys.argv[1])
