"""The arithmetic behind what docs/scale.md says to deploy, and that the page holds what it gives."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from benchmarks.deployment import lines, needs

DOCS = Path(__file__).parents[2] / "docs"


def test_needs_by_hand() -> None:
    found = needs(100_000_000)
    assert found.tokens == pytest.approx(100e6 * 1_186_388 / 12_462)
    # All tokens of the run took 131.2 seconds, for 12,462 passages.
    assert found.embedding_hours == pytest.approx(100e6 * 131.2 / 12_462 / 3600)
    assert found.quartered == pytest.approx(100e6 * (384 + 74))
    # 161 and 45.8 GB, and 44.8 of each machine: four, or two of them for a copy.
    assert found.query_nodes == (8, 4)


def test_every_copy_has_nodes_of_its_own() -> None:
    assert needs(1_000_000).query_nodes == (2, 2)


def test_the_page_holds_the_tables() -> None:
    page = (DOCS / "scale.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines() if line and line not in page] == []


def test_files_to_deploy_say_that_they_were_not_run() -> None:
    files = sorted((DOCS / "deploy").glob("*.yaml"))
    assert len(files) == 3
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert "NOT RUN HERE" in text
        assert isinstance(yaml.safe_load(text), dict)
