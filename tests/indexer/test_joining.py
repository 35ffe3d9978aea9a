"""Which cluster `--on` means, and what is said where it cannot be had."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from indexer.cluster import joining
from indexer.cluster.errors import ClusterError


@pytest.mark.parametrize(
    ("on", "message"),
    [
        ("spark", "'spark' is no cluster. Give ray for this machine alone, or ray://HOST or ray://HOST:PORT"),
        ("ray://", "'ray://' is no cluster"),
        ("ray://head:port", "'ray://head:port' is no cluster"),
        ("ray://head/x", "'ray://head/x' is no cluster"),
        ("ray://127.0.0.1:1", "127.0.0.1:1: the head of the cluster cannot be reached (Connection refused)"),
    ],
)
def test_addresses_that_are_none(tmp_path: Path, source: Path, on: str, message: str) -> None:
    command = [sys.executable, "-m", "search_api", "index", source, "--index", tmp_path / "i", "--on", on]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 2
    assert message in answer.stderr
    assert "Traceback" not in answer.stderr
    assert not (tmp_path / "i").exists()


def test_addresses() -> None:
    assert joining.head_of("ray") is None
    assert joining.head_of("ray://head") == "head:6379"
    assert joining.head_of("ray://head:7000/") == "head:7000"
    assert joining.head_of("ray://[::1]:7000") == "[::1]:7000"


@pytest.mark.parametrize(
    ("error", "address", "message"),
    [
        (RuntimeError("Version mismatch: Ray: 2.59.0"), "h:1", "Install the same versions of Python and of Ray"),
        (ConnectionError("no raylet"), "h:1", "part of the cluster: ray start --address=h:1 --num-cpus=0"),
        (ValueError("no room"), None, "Look at the room in "),
    ],
)
def test_a_cluster_that_cannot_be_joined(error: Exception, address: str | None, message: str) -> None:
    class Ray:
        @staticmethod
        def init(**_: object) -> None:
            raise error

    with pytest.raises(ClusterError, match=message):
        joining._start(Ray, address)


@pytest.mark.parametrize("missing", ["ray", "pyarrow"])
def test_without_ray_a_message_says_what_to_install(tmp_path: Path, source: Path, missing: str) -> None:
    arguments = ["veille", "index", str(source), "--index", str(tmp_path / "i"), "--on", "ray"]
    code = (
        f"import sys; sys.modules[{missing!r}] = None; sys.argv = {arguments!r}; from search_api import cli; cli.main()"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert answer.returncode == 2
    assert "which is not installed" in answer.stderr
    assert 'Install it: pip install "veille[ray]"' in answer.stderr


def test_nothing_of_ray_is_imported_unasked(tmp_path: Path, source: Path) -> None:
    arguments = ["veille", "index", str(source), "--index", str(tmp_path / "i"), "--quiet"]
    code = f"import sys; sys.argv = {arguments!r}; from search_api.cli import main; main()"
    code = f"import atexit; atexit.register(lambda: print([m for m in sys.modules if m in ('ray', 'pyarrow')])); {code}"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.endswith("[]\n")


def test_a_dry_run_is_for_this_machine(tmp_path: Path, source: Path) -> None:
    command = [sys.executable, "-m", "search_api", "index", source, "--index", tmp_path / "i", "--on", "ray"]
    answer = subprocess.run([*command, "--dry-run"], capture_output=True, text=True, check=False)
    assert answer.returncode == 2
    assert "--dry-run embeds nothing" in " ".join(answer.stderr.split())
