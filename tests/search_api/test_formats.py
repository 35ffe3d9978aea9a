"""Answers as files, read back by other programs' parsers; texts of articles stay texts in all of them."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import bibtexparser
import pytest
import rispy
from fastapi.testclient import TestClient

from search_api import SearchEngine
from search_api.app import create_app
from search_api.formats import FORMS, delimited
from search_api.queries import Format
from search_api.results import Citation, Highlight, Hit, PassageHit, Results

ROOT = "http://localhost:8000/"
EVIL = (
    "=HYPERLINK(\"http://evil\")",
    "+1", "-1", "@SUM(A1)", "\tx", "＝1",
    "} \\input{/etc/passwd} % # $ _ ~ ^ & {",
    "one\r\nER  - \r\nTY  - JOUR\u2028TI  - taken",
    'quotes " and, commas;\nlines',
    "微软 🚀 ümlaut \x00\x1b[31m",
)  # fmt: skip


def hit(text: str, number: int = 0, url: str | None = None) -> Hit:
    passages = (PassageHit(f"p{number}", text, 0, len(text), 0.5),)
    citation = Citation("20261125T065737Z-6d0a", "bundled", "r", "f" * 64, url or f"?read={number}", 0, len(text))
    return Hit(
        f"{number}{text}", text, text, "2023-04-20T10:00:00Z", "fr", url, 0.5, passages, citation,
        Highlight(text, 0, len(text)), 0.75, (), text,
    )  # fmt: skip


def results(*hits: Hit) -> Results:
    return Results("q", hits, "20261125T065737Z-6d0a", 0.01, (), True)


EVERY = results(*(hit(text, number, f"https://e.org/{number}") for number, text in enumerate(EVIL)))


def one_line(text: str) -> str:
    return " ".join(re.sub(r"[\x00-\x1f\u2028]", " ", text).split())


def test_csv_is_what_csv_reads() -> None:
    written = FORMS[Format.CSV].written(EVERY, ROOT)
    assert written.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(written.removeprefix("\ufeff"), newline="")))
    assert [row["rank"] for row in rows] == [str(rank) for rank in range(1, len(EVIL) + 1)]
    assert list(rows[0]) == list(delimited.COLUMNS)
    for row, text in zip(rows, EVIL, strict=True):
        for name in ("title", "source", "category", "quotation"):
            assert row[name].removeprefix("'") == text.replace("\x00", "")
            assert row[name][0] not in "=+-@\t\r＝"
        assert row["url"].startswith("https://e.org/")
        assert (row["start"], row["end"]) == ("0", str(len(text)))
    assert [bool(row["title"].startswith("'")) for row in rows] == [True] * 6 + [False] * 4


def test_json_lines_are_hits() -> None:
    lines = FORMS[Format.JSONL].written(EVERY, ROOT).splitlines()
    assert [json.loads(line)["title"] for line in lines] == list(EVIL)
    assert {json.loads(line)["build"] for line in lines} == {EVERY.build}


def test_bibtex_is_read_as_it_was_meant() -> None:
    read = bibtexparser.parse_string(FORMS[Format.BIBTEX].written(EVERY, ROOT))
    assert not read.failed_blocks
    assert len({entry.key for entry in read.entries}) == len(read.entries) == len(EVIL)
    for entry, text in zip(read.entries, EVIL, strict=True):
        assert entry.entry_type == "online"
        assert entry["date"] == "2023-04-20"
        assert entry["urldate"] == "2026-11-25"
        assert entry["url"].startswith("https://e.org/")
        assert "f" * 64 in entry["note"]
        plain = entry["title"].replace(r"\textbackslash{}", "\\").replace(r"\textasciitilde{}", "~")
        plain = plain.replace(r"\textasciicircum{}", "^")
        assert re.sub(r"\\([{}&%$#_])", r"\1", plain) == one_line(text)


def test_keys_of_bibtex_outlive_builds() -> None:
    later = results(hit("a", 7))
    again = Results("other", later.hits, "20270101T000000Z-aaaa", 0.5)
    keys = [
        bibtexparser.parse_string(FORMS[Format.BIBTEX].written(found, "")).entries[0].key for found in (later, again)
    ]
    assert keys[0] == keys[1]


def test_ris_is_read_as_it_was_meant() -> None:
    written = FORMS[Format.RIS].written(EVERY, ROOT)
    assert not re.search(r"(?<!\r)\n", written)
    read = rispy.loads(written)
    assert len(read) == len(EVIL)
    for record, text in zip(read, EVIL, strict=True):
        assert record["type_of_reference"] == "ELEC"
        assert record["title"] == one_line(text)
        assert record["date"] == "2023/04/20"
        assert record["urls"][0].startswith("https://e.org/")


def test_an_article_without_a_page_is_shown_by_the_service_or_not_linked() -> None:
    without = results(hit("Text.", 3))
    assert "url = {http://localhost:8000/?read=3}" in FORMS[Format.BIBTEX].written(without, ROOT)
    assert "UR  - http://localhost:8000/?read=3" in FORMS[Format.RIS].written(without, ROOT)
    assert "url =" not in FORMS[Format.BIBTEX].written(without, "")
    assert "UR  -" not in FORMS[Format.RIS].written(without, "")


@pytest.mark.parametrize("form", list(FORMS))
def test_nothing_found_is_an_empty_file(form: Format) -> None:
    written = FORMS[form].written(results(), ROOT)
    assert written.removeprefix("\ufeff") in ("", ",".join(delimited.COLUMNS) + "\r\n")


@pytest.mark.parametrize("form", list(FORMS))
def test_over_http(engine: SearchEngine, form: Format) -> None:
    with TestClient(create_app(engine)) as client:
        asked = {"q": "qui menace Microsoft", "k": 3, "format": form}
        answer = client.get("/search", params=asked)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == FORMS[form].media_type
        assert answer.headers["content-disposition"] == f'attachment; filename="veille.{FORMS[form].suffix}"'
        assert "Elon Musk" in answer.text
        assert client.get("/search", params=asked).headers["x-veille-cache"] == "hit"
        assert client.get("/search", params={**asked, "format": "json"}).json()["hits"]
        elsewhere = client.get("/search", params=asked, headers={"Host": "veille.example"})
        assert elsewhere.headers["x-veille-cache"] == "miss"


def test_formats_that_there_are_not(engine: SearchEngine) -> None:
    with TestClient(create_app(engine)) as client:
        assert client.get("/search", params={"q": "x", "format": "pdf"}).status_code == 400
        assert client.post("/search", json={"q": "x", "format": "csv"}).status_code == 400


def test_on_the_command_line(sample_index: Path) -> None:
    command = [sys.executable, "-m", "search_api", "search", "qui menace Microsoft", "-k", "2", "--index"]
    written = subprocess.run([*command, str(sample_index), "--format", "csv"], check=True, capture_output=True).stdout
    rows = list(csv.DictReader(io.StringIO(written.decode("utf-8-sig"), newline="")))
    assert len(rows) == 2
    assert written.count(b"\r\n") >= 3
    refused = subprocess.run([*command, str(sample_index), "--format", "pdf"], check=False, capture_output=True)
    assert refused.returncode == 2
    assert b"Traceback" not in refused.stderr
