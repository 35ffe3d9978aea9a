"""`veille index --prune`, `veille remove` and `veille cache prune`, as they are typed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from fastapi.testclient import TestClient

from search_api.app import create_app


def veille(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "search_api", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def write(file: Path, **texts: str) -> Path:
    records = [{"id": own, "title": own, "text": text, "lang": "en"} for own, text in texts.items()]
    file.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return file


def test_a_day_of_a_newsroom(tmp_path: Path) -> None:
    source, index = tmp_path / "s.jsonl", tmp_path / "index"
    write(source, musk="Musk threatens Microsoft.", ruby="Ruby 3.4 is out.", php="PHP 8.4 is out.")
    first = veille("index", source, "--index", index, "--quiet")
    assert "added 3, changed 0, unchanged 0, removed 0" in first.stdout
    write(source, musk="Musk sues Microsoft.", ruby="Ruby 3.4 is out.")
    dry = veille("index", source, "--index", index, "--prune", "--dry-run", "--quiet")
    assert dry.stdout.splitlines() == ["    added 0, changed 1, unchanged 1, removed 1", "    removed php"]
    second = veille("index", source, "--index", index, "--prune", "--quiet")
    assert "added 0, changed 1, unchanged 1, removed 1" in second.stdout

    with TestClient(create_app(index)) as client:
        (revision,) = client.get("/articles/musk").json()["revisions"]
        assert set(revision) == {"title", "content_hash", "published", "replaced"}
        assert client.get("/articles/ruby").json()["revisions"] == []

    assert veille("remove", "nobody", "--index", index).returncode == 2
    removed = veille("remove", "musk", "--index", index, "--purge", "--quiet")
    assert removed.returncode == 0
    found = [line for line in removed.stdout.splitlines() if line.startswith("found")]
    assert len(found) == 7
    assert all(line.split()[1] == "0" for line in found)
    assert removed.stdout.count("purged     generation") == 2
    assert "left out 1" in veille("index", source, "--index", index, "--quiet").stdout
    pruned = veille("cache", "prune", "--index", index)
    assert pruned.returncode == 0
    assert "freed" in pruned.stdout
    assert veille("verify", "--index", index).returncode == 0


def test_mistakes(tmp_path: Path) -> None:
    for command in (("remove", "a"), ("cache", "prune")):
        found = veille(*command, "--index", tmp_path / "none")
        assert (found.returncode, "there is no index" in found.stderr) == (2, True)
    assert not (tmp_path / "none").exists()
