"""WARC archives: pages that were fetched with success, the last capture of each."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.errors import SourceError
from corpus.readers import ReadReport, read
from tests.corpus.samples import TEXTS, URLS, Writer, add_capture, page, warc


def archive(folder: Path, fill: Callable[[Writer], None], *, packed: bool = False) -> Path:
    stream = io.BytesIO()
    fill(Writer(stream, gzip=packed))
    file = folder / ("a.warc.gz" if packed else "a.warc")
    file.write_bytes(stream.getvalue())
    return file


def text(words: str) -> bytes:
    return f"<html><body><p>{words}</p></body></html>".encode()


def test_records_packed_one_by_one_as_crawlers_do(tmp_path: Path) -> None:
    file = tmp_path / "a.warc.gz"
    file.write_bytes(warc(gzip_records=True))
    assert [article.url for article in read(file)] == list(URLS)


@pytest.mark.parametrize("packed", [False, True])
def test_the_last_capture_wins_wherever_it_stands(tmp_path: Path, packed: bool) -> None:
    def fill(writer: Writer) -> None:
        for day, word in ((3, "third"), (9, "ninth"), (5, "fifth")):
            fetched = f"2023-05-0{day}T00:00:00Z"
            add_capture(writer, "https://x.example/a", text(f"The {word} day of May."), fetched=fetched)
        writer.write_record(
            writer.create_revisit_record("https://x.example/a", "sha1:X", "https://x.example/a", "2023")
        )

    report = ReadReport()
    (article,) = read(archive(tmp_path, fill, packed=packed), report=report)
    assert article.text == "The ninth day of May."
    assert (article.published, article.source) == (None, "x.example")
    assert report.passed_over == {"warc-earlier-capture": 2, "warc-no-response": 1}


def test_no_date_after_the_capture_is_believed(tmp_path: Path) -> None:
    dated = page(0)

    def fill(writer: Writer) -> None:
        add_capture(writer, URLS[0], dated, fetched="2023-04-01T00:00:00Z")
        add_capture(writer, URLS[1], page(1), fetched="2023-04-01T00:00:00Z")

    report = ReadReport()
    early, late = read(archive(tmp_path, fill), report=report)
    assert (early.published, late.published) == (None, "2017-06-17T18:30:00Z")
    assert report.warnings == {"future-date": 1}


@pytest.mark.parametrize("fetched", ["9999-12-31T23:59:59Z", "0500-01-01T00:00:00Z", "2023", "nonsense", ""])
def test_captures_at_odd_times(tmp_path: Path, fetched: str) -> None:
    file = archive(tmp_path, lambda writer: add_capture(writer, URLS[0], page(0), fetched=fetched))
    assert [article.text for article in read(file)] == [TEXTS[0]]


def test_the_server_s_charset_and_packed_responses(tmp_path: Path) -> None:
    from warcio.statusandheaders import StatusAndHeaders

    def fill(writer: Writer) -> None:
        add_capture(
            writer, "https://x.example/a", text("Привет").decode().encode("koi8-r"), kind="text/html; charset=KOI8-R"
        )
        chunks = (
            b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (b"<html><p>In ", b"pieces.</p></html>"))
            + b"0\r\n\r\n"
        )
        for url, content, name, value in (
            ("https://x.example/b", gzip.compress(text("Packed.")), "Content-Encoding", "gzip"),
            ("https://x.example/c", chunks, "Transfer-Encoding", "chunked"),
        ):
            headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html"), (name, value)], protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(url, "response", payload=io.BytesIO(content), http_headers=headers)
            )

    assert [article.text for article in read(archive(tmp_path, fill))] == ["Привет", "Packed.", "In pieces."]


def test_an_archive_that_is_cut(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    content = warc()
    file = tmp_path / "a.warc"
    report = ReadReport()
    file.write_bytes(content[: content.index(b"Stretch")])
    assert [article.url for article in read(file, on_error="skip", report=report)] == [URLS[0]]
    assert report.by_kind == {"truncated": 1}
    file.write_bytes(gzip.compress(content)[:-100])
    with pytest.raises(SourceError, match="middle of packed data"):
        list(read(tmp_path / "a.warc"))
    assert capfd.readouterr().err == ""


def test_what_is_no_archive(tmp_path: Path) -> None:
    file = tmp_path / "a.warc"
    file.write_bytes(b"no archive at all")
    with pytest.raises(SourceError) as caught:
        list(read(file))
    assert caught.value.kind == "warc"
    file.write_bytes(b"")
    assert list(read(file)) == []
