"""Every format holds the same articles, packed or not, by its suffix or by its content; what is no format is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.article import Article
from corpus.errors import SourceError
from corpus.readers import ReadOptions, ReadReport, read
from tests.corpus import samples

FILES = samples.files()
OF_ONE = {"article.txt", "article.md", "page.html"}
DATED_BY = {
    "article.txt": "front-matter",
    "article.md": "front-matter",
    "page.html": "metadata",
    "pages.warc": "metadata",
}
KNOWN_BY_CONTENT = [name for name in FILES if not name.endswith((".csv", ".tsv", ".txt", ".md"))]


def written(folder: Path, name: str, content: bytes) -> Path:
    file = folder / name
    file.write_bytes(content)
    return file


def check(name: str, articles: list[Article]) -> None:
    expected = samples.ROWS[:1] if name in OF_ONE else samples.ROWS
    for article, row in zip(articles, expected, strict=True):
        # JSON Feed has one outlet for all.
        outlet = samples.SOURCES[0] if name == "feed.json" else row["source"]
        shown = {field: getattr(article, field) for field in samples.FIELDS}
        assert shown == row | {"source": outlet}
        assert article.metadata == {}
        assert article.published_from == DATED_BY.get(name, "feed" if name.startswith("feed") else "record")
    # An address is known by the same id whatever tells of it.
    assert articles[0].id == "00360c8f443904959a06"


@pytest.mark.parametrize("packing", ["", ".gz", ".zst"])
@pytest.mark.parametrize("name", FILES)
def test_every_format_tells_the_same(tmp_path: Path, name: str, packing: str) -> None:
    content = samples.packed(FILES[name])[packing] if packing else FILES[name]
    check(name, list(read(written(tmp_path, name + packing, content))))


@pytest.mark.parametrize("packing", ["", ".gz", ".zst"])
@pytest.mark.parametrize("name", KNOWN_BY_CONTENT)
def test_content_tells_the_format_where_the_name_does_not(tmp_path: Path, name: str, packing: str) -> None:
    content = samples.packed(FILES[name])[packing] if packing else FILES[name]
    for unknown in ("articles", "articles.bak", "download.xml"):
        check(name, list(read(written(tmp_path, unknown, content))))


def test_byte_order_marks_and_white_space_do_not_hide_the_format(tmp_path: Path) -> None:
    check("feed.atom", list(read(written(tmp_path, "a", b"\xef\xbb\xbf\n " + FILES["feed.atom"]))))
    utf16 = b"\xff\xfe" + FILES["page.html"].decode().encode("utf-16-le")
    check("page.html", list(read(written(tmp_path, "b", utf16))))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("image.png", b"\x89PNG"),
        ("noise", bytes(range(256))),
        ("empty", b""),
        ("prose", b"Some words."),
        ("drawing.xml", b"<svg/>"),
        ("sheet.gz", samples.packed(b"a,b")[".gz"]),
    ],
)
def test_what_has_no_known_format_is_told_what_was_tried(tmp_path: Path, name: str, content: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        list(read(written(tmp_path, name, content), on_error="skip"))
    assert caught.value.kind == "format"
    assert "neither JSON, a feed, HTML, WARC nor Parquet" in str(caught.value)
    assert ".jsonl, .ndjson, .json, .csv" in str(caught.value)


def test_a_folder_of_all_formats(tmp_path: Path) -> None:
    """Texts and pages without an address are known by their paths, so only these are more than two articles."""
    for name, content in FILES.items():
        written(tmp_path, name, content)
    for name in ("package.json", "drawing.xml", "image.png", "noise", "README.html"):
        written(tmp_path, name, b"{}" if name.endswith("json") else b"<svg/>")
    (tmp_path / "sub").mkdir()
    written(
        tmp_path / "sub", "plain.html.gz", samples.packed(b"<html><p>A page without any address.</p></html>")[".gz"]
    )
    written(tmp_path / "sub", "feed.xml", FILES["feed.rss"])
    report = ReadReport()
    articles = list(read(tmp_path, on_error="skip", report=report))
    assert report.ignored == 5
    ids = {article.id for article in articles}
    assert "sub/plain.html" in ids
    assert len(ids) == report.read == 3


def test_what_was_read_before_by_its_address_is_replaced(tmp_path: Path) -> None:
    first = written(tmp_path, "a.rss", FILES["feed.rss"])
    second = written(tmp_path, "b.rss", FILES["feed.rss"].replace(b"stabile", b"neueste"))
    report, seen = ReadReport(), dict[str, str]()
    kept = {article.id: article.text for file in (first, second) for article in read(file, report=report, seen=seen)}
    assert report.read == len(kept) == 2
    assert report.warnings == {"replaced": 1}
    assert "neueste" in " ".join(kept.values())
    assert report.first_warnings == [f"{second}: {samples.URLS[1]} was read before: this one replaces it"]


@pytest.mark.parametrize("name", ["articles.json", "articles.jsonl", "articles.csv", "articles.parquet"])
def test_columns_are_named_for_tables_and_json(tmp_path: Path, name: str) -> None:
    names = {"text": "corps", "title": "titre"}
    renamed = [{names.get(field, field): value for field, value in row.items()} for row in samples.ROWS]
    content = samples.tables(renamed)[name]
    articles = list(read(written(tmp_path, name, content), options=ReadOptions(columns=names)))
    check(name, articles)
    # A source that calls its fields as we do needs no naming, whatever is named for others.
    check(name, list(read(written(tmp_path, name, FILES[name]), options=ReadOptions(columns=names))))


def test_a_date_after_the_reading_is_refused_and_counted(tmp_path: Path) -> None:
    for name in FILES:
        source = written(tmp_path, name, FILES[name].replace(b"2023-04-20T", b"2223-04-20T"))
        if name in {"articles.parquet"}:
            continue
        report = ReadReport()
        article = next(read(source, report=report))
        assert (article.published, article.published_from) == (None, None), name
        assert article.title == samples.TITLES[0]
        assert report.warnings == {"future-date": 1}
        assert report.by_kind == {}


def test_tomorrow_may_have_begun_elsewhere(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    options = ReadOptions(moment=datetime(2023, 4, 20, 12, tzinfo=UTC))
    dates = {"2023-04-21": True, "2023-04-22": False, "2023-04-21T11:59:59Z": True, "2023-04-21T12:00:01Z": False}
    for date, kept in dates.items():
        source = written(tmp_path, "a.jsonl", f'{{"text": "x", "published": "{date}"}}'.encode())
        (article,) = read(source, options=options)
        assert article.published == (date if kept else None)
