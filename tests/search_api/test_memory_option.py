"""`veille index --memory`: what may be written, and that an index keeps to it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
import typer

from indexer.build import build
from indexer.encoder import Encoder
from indexer.generation import Generation
from search_api.cli.sizes import size
from search_api.printing.builds import report_lines


@pytest.mark.parametrize(
    ("written", "expected"),
    [("500MB", 500_000_000), ("1.5 gb", 1_500_000_000), ("64MiB", 64 << 20), ("2GiB", 2 << 30), ("all", 0)],
)
def test_amounts(written: str, expected: int) -> None:
    assert size(written) == expected


@pytest.mark.parametrize("written", ["", "500", "much", "-1GB", "1e9MB", "63MB", "1TB"])
def test_no_amounts(written: str) -> None:
    with pytest.raises(typer.BadParameter, match="no amount of memory|too little: at least 64MB"):
        size(written)


def test_a_build_keeps_to_what_was_said_once(tmp_path: Path, encoder: Encoder) -> None:
    source, index = tmp_path / "a.jsonl", tmp_path / "index"

    def built(text: str, memory: int | None) -> int:
        source.write_text(f'{{"id": "a", "text": "{text}"}}\n')
        report = build([source], index, encoder=encoder, quiet=True, memory=memory)
        said = [line for line in report_lines(report) if line.startswith("memory")]
        assert said == (["memory     1.5 KiB for vectors, of 95.4 MiB allowed"] if report.memory else [])
        with closing(Generation.open(index)) as generation:
            return generation.manifest.memory

    assert built("Une phrase.", None) == 0
    assert built("Une autre.", 100_000_000) == 100_000_000
    assert built("Une troisième.", None) == 100_000_000
    assert built("Une troisième.", 0) == 0
