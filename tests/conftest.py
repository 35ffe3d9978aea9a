"""What many tests need: the real encoder, an index over the sample corpus, the shared data where it is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus import sample
from indexer.build import build
from indexer.encoder import Encoder
from indexer.encoders import load_encoder
from search_api import SearchEngine

SHARED = Path(os.environ.get("VEILLE_SHARED", "../shared"))
NEEDS_SHARED = "needs VEILLE_SHARED"


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """Return the bundled encoder."""
    return load_encoder()


@pytest.fixture(scope="session")
def sample_index(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an index over the sample corpus. Not to be written to."""
    folder = tmp_path_factory.mktemp("sample") / "index"
    build([sample.path()], folder, encoder=encoder, quiet=True)
    return folder


@pytest.fixture(scope="session")
def engine(sample_index: Path, encoder: Encoder) -> Iterator[SearchEngine]:
    """Return an engine over the sample index."""
    with SearchEngine.open(sample_index) as opened:
        yield opened


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of the shared data, or skip."""
    if not (SHARED / "data").is_dir():
        pytest.skip(NEEDS_SHARED)
    return SHARED / "data"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in the last lines what was skipped for want of the shared data."""
    skipped = [r for r in terminalreporter.getreports("skipped") if NEEDS_SHARED in str(r.longrepr)]
    if skipped:
        terminalreporter.write_line(f"{len(skipped)} tests skipped because the shared data is absent:")
        for report in skipped:
            terminalreporter.write_line(f"  {report.nodeid}")
