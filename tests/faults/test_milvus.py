"""Runs the tests of on_milvus.py where the server that they start reaches nobody, and tells how each went."""

from __future__ import annotations

import inspect
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.faults.isolation import do_without, isolated

FILE = Path(__file__).with_name("on_milvus.py")


def _names() -> list[str]:
    """Return the names of the tests, without importing what they need."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix("def ").partition("(")[0] for line in lines if line.startswith("def test_")]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Return what went wrong in each test, by its name."""
    for module in ("milvus", "pymilvus"):
        if find_spec(module) is None:
            do_without("milvus", f"{module} is not installed")
    report = tmp_path_factory.mktemp("report") / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", str(FILE), f"--junitxml={report}", "-p", "no:cacheprovider"]
    with isolated("milvus", os.environ) as (own, home):
        done = own.run([*command, f"--basetemp={home / 'tests'}"])
    if not report.exists():
        pytest.fail(done.stdout + done.stderr)
    found: dict[str, list[str]] = {}
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314  # pytest wrote it just now
        name = case.attrib["name"].partition("[")[0]
        told = found.setdefault(name, [])
        told += [problem.text or "" for kind in ("failure", "error", "skipped") for problem in case.iter(kind)]
    return found


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", _names())
def test_on_milvus(outcomes: dict[str, list[str]], name: str) -> None:
    assert name in outcomes, "it did not run"
    assert not outcomes[name], inspect.cleandoc("\n".join(outcomes[name]))
