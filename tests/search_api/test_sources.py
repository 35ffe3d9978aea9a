"""`veille index` over a mix of sources: one run, one index, each of them found."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from search_api import SearchEngine
from tests.corpus import samples

ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "VEILLE_INDEX"}
# A subject and the sentence that tells of it, each in a source of its own.
TOLD = {
    "a.csv": "The new high-speed train links Paris and Lyon in ninety minutes.",
    "b.parquet": "A solar panel reaches a record efficiency in the desert.",
    "c.html": "Cheese from the Alps will cost much more this year, traders say.",
    "d.xml": "The oceans are warming faster than scientists had expected.",
    "e.warc.gz": "A volcano in Iceland erupted again on Monday morning.",
    "f.jsonl.zst": "The telephone has a better camera and a larger battery.",
    "notes/g.md": "Robots now pick apples in the orchards of Normandy.",
    "-": "Bees are dying in large numbers because of pesticides.",
}
ASKED = {
    "a.csv": "railway between two French cities",
    "b.parquet": "photovoltaic efficiency",
    "c.html": "price of dairy products",
    "d.xml": "sea temperature",
    "e.warc.gz": "eruption",
    "f.jsonl.zst": "smartphone photography",
    "notes/g.md": "machines that harvest fruit",
    "-": "insects and farming chemicals",
}


def veille(folder: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "search_api", *arguments]
    environment = ENVIRONMENT | {"PYTHONPATH": str(Path.cwd())}
    return subprocess.run(
        command, cwd=folder, input=given, capture_output=True, text=True, check=False, env=environment
    )


def row(name: str) -> dict[str, str]:
    return {"id": name, "body": TOLD[name], "published": "2023-04-20T10:00:00Z"}


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Return a folder with a file of each format."""
    (tmp_path / "notes").mkdir()
    line = json.dumps({"id": "f.jsonl.zst", "text": TOLD["f.jsonl.zst"]}).encode()
    item = f"<item><title>d.xml</title><description>{TOLD['d.xml']}</description></item>"
    contents = {
        "a.csv": samples.tables([row("a.csv")])["articles.csv"],
        "b.parquet": samples.tables([row("b.parquet")])["articles.parquet"],
        "c.html": f"<html><title>c</title><body><article><p>{TOLD['c.html']}</p></article></body></html>".encode(),
        "d.xml": f"<rss version='2.0'><channel><title>Feed</title>{item}</channel></rss>".encode(),
        "e.warc.gz": samples.archive({"https://x.example/e": f"<html><p>{TOLD['e.warc.gz']}</p></html>".encode()}),
        "f.jsonl.zst": samples.packed(line)[".zst"],
        "notes/g.md": TOLD["notes/g.md"].encode(),
        "notes/table.xlsx": b"PK",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_a_mix_of_sources(sources: Path) -> None:
    given = json.dumps({"id": "-", "text": TOLD["-"], "published": "2999-01-01"}) + "\n{}\n"
    names = [name for name in TOLD if "/" not in name] + ["notes/"]
    options = ["--index", "X", "--column", "text=body", "--on-error", "skip"]
    run = veille(sources, "index", *names, *options, given=given)
    assert (run.returncode, run.stderr) == (0, "")
    assert "articles   8 (en 8)" in run.stdout
    assert "skipped    1 (no-text 1)\n    standard input:2: it has no text" in run.stdout
    assert re.search(
        r"warnings   1 \(future-date 1\)\n    standard input: .* its date 2999-01-01 lies after", run.stdout
    )
    assert "ignored    1 file of other formats" in run.stdout
    assert "ignored    1 record (warc-other-status 1)" in run.stdout
    again = veille(sources, "index", *names, *options, given=given)
    assert "embedded   0" in again.stdout
    with SearchEngine.open(sources / "X") as engine:
        for name, question in ASKED.items():
            (hit,) = engine.search(question, k=1)
            assert hit.passages[0].text == TOLD[name], name


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a.csv"], "a.csv: it has no column for the text (its columns: 'id', 'body', 'published')"),
        (["a.csv", "--column", "body"], "'body' is not NAME=COLUMN"),
        (["a.csv", "--column", "author=x"], "'author=x' is not NAME=COLUMN with a NAME of id, title, text"),
        (["notes/table.xlsx"], "its format is not known: .xlsx"),
        (["empty"], "no article found in empty. Give files of these formats or a folder of them: .jsonl"),
        (["-"], "no article found in -"),
    ],
)
def test_what_a_user_can_mend(sources: Path, arguments: list[str], message: str) -> None:
    (sources / "empty").mkdir()
    run = veille(sources, "index", *arguments, "--index", "X")
    assert run.returncode == 2
    assert message in " ".join(run.stderr.replace("│", " ").split())
    assert "Traceback" not in run.stderr
