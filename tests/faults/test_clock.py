"""A clock that was set back: generations still follow each other, and the right ones are kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from indexer import generation, naming, run
from indexer.build import build
from indexer.encoder import Encoder
from indexer.naming import BUILD_NAME, next_name
from tests.faults.conftest import Story, written
from tests.faults.served import whole

NOW = datetime(2026, 11, 25, 12, 0, 0, 160, tzinfo=UTC)


@pytest.mark.parametrize(
    ("last", "name"),
    [
        (None, "20261125T120000Z-000a"),
        ("20261125T115959Z-ffff", "20261125T120000Z-000a"),
        ("20261125T120000Z-000a", "20261125T120000Z-000b"),
        ("20270101T000000Z-00ff", "20270101T000000Z-0100"),
        ("20270101T000000Z-ffff", "20270101T000000Z-ffff0"),
        ("99991231T235959Z-ffff0", "99991231T235959Z-ffff1"),
    ],
)
def test_names_rise(tmp_path: Path, last: str | None, name: str) -> None:
    if last:
        (tmp_path / last).mkdir()
    found = next_name(tmp_path, NOW)
    assert found == name
    assert BUILD_NAME.fullmatch(found)
    assert last is None or found > last


def test_the_clock_goes_back_a_year(
    story: Story, index: Path, encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [generation.current_name(index)]

    class Late(datetime):
        days = 0

        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            cls.days += 100
            return datetime.now(UTC) - timedelta(days=cls.days)

    monkeypatch.setattr(run, "datetime", Late)
    for number in range(5):
        record = {"id": f"n{number}", "text": f"Kurze Meldung Nummer {number}.", "lang": "de"}
        build([written(tmp_path / "n.jsonl", [record])], index, encoder=encoder, quiet=True)
        names.append(generation.current_name(index))
        assert whole(index)
    assert names == sorted(set(names))
    kept = sorted(path.name for path in (index / naming.FOLDER).iterdir())
    assert kept == names[-3:]
