"""A small valid file of each format, each with the same two articles: what tests read, bend and break."""

from __future__ import annotations

import gzip
import io
import json
from datetime import UTC, datetime

import pyarrow
import pyarrow.parquet
import zstandard
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

TITLES = ("Musk menace Microsoft", "Debian 9 ist da")
TEXTS = (
    "Elon Musk menace Microsoft d’une action en justice.\n\nLa plateforme cesse de prendre en charge Twitter, "
    "a-t-on appris ce mercredi.",
    "Das Debian-Projekt hat am Samstag die neue stabile Version veröffentlicht.\n\nSie heißt »Stretch« und wird fünf "
    "Jahre lang gepflegt.",
)
LANGS = ("fr", "de")
SOURCES = ("Revue", "Nachrichten")
URLS = ("https://revue.example/2023/musk", "https://nachrichten.example/debian-9")
DATES = ("2023-04-20T10:00:00Z", "2017-06-17T18:30:00Z")
FIELDS = ("title", "text", "lang", "source", "url", "published")
ROWS = [
    dict(zip(FIELDS, values, strict=True)) for values in zip(TITLES, TEXTS, LANGS, SOURCES, URLS, DATES, strict=True)
]


class Writer(WARCWriter):
    """Writes archives without the temporary files that warcio leaves open."""

    def _create_temp_file(self) -> io.BytesIO:
        return io.BytesIO()


def files() -> dict[str, bytes]:
    """Return a file of each format by its name. Those of one article have the first."""
    return {
        **tables(ROWS),
        "article.txt": ("---\n" + front_matter() + "---\n" + TEXTS[0]).encode(),
        "article.md": ("---\n" + front_matter() + "---\n" + TEXTS[0]).encode(),
        "page.html": page(0),
        "feed.rss": rss(),
        "feed.atom": atom(),
        "feed.json": json_feed(),
        "pages.warc": warc(),
    }


def tables(rows: list[dict[str, str]]) -> dict[str, bytes]:
    """Return the rows in each format that has columns or keys, by the names of the rows."""
    return {
        "articles.jsonl": "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode(),
        "articles.json": json.dumps(rows).encode(),
        "articles.csv": separated(rows, ","),
        "articles.tsv": separated(rows, "\t"),
        "articles.parquet": parquet(rows),
    }


def packed(content: bytes) -> dict[str, bytes]:
    """Return the content as each packed form, by the suffix that it gets."""
    return {".gz": gzip.compress(content, mtime=0), ".zst": zstandard.compress(content)}


def front_matter() -> str:
    """Return the first article's fields as YAML."""
    return "".join(f"{key}: {json.dumps(ROWS[0][key])}\n" for key in FIELDS if key != "text")


def separated(rows: list[dict[str, str]], delimiter: str) -> bytes:
    """Return a table with every cell in quotes."""
    lines = [list(rows[0]), *(list(row.values()) for row in rows)]
    return "".join(delimiter.join(f'"{cell}"' for cell in line) + "\r\n" for line in lines).encode()


def parquet(rows: list[dict[str, str]]) -> bytes:
    """Return a table with moments where the dates are."""
    stream = io.BytesIO()
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    moments = [datetime.fromisoformat(row["published"]).astimezone(UTC) for row in rows]
    pyarrow.parquet.write_table(pyarrow.table(columns | {"published": moments}), stream)
    return stream.getvalue()


def page(number: int) -> bytes:
    """Return a page with an article between navigation and footer."""
    row = ROWS[number]
    paragraphs = "".join(f"<p>{paragraph}</p>" for paragraph in row["text"].split("\n\n"))
    return (
        f'<!DOCTYPE html><html lang="{row["lang"]}"><head><meta charset="utf-8"><title>{row["title"]}</title>'
        f'<link rel="canonical" href="{row["url"]}"><meta property="og:site_name" content="{row["source"]}">'
        f'<meta property="article:published_time" content="{row["published"]}"></head><body>'
        f'<nav><a href="/">Start</a> <a href="/all">All</a></nav><article><h1>{row["title"]}</h1>{paragraphs}</article>'
        "<footer>© 2026</footer></body></html>"
    ).encode()


def rss() -> bytes:
    """Return RSS 2.0 with the articles as escaped HTML."""
    items = "".join(
        f"<item><title>{row['title']}</title><link>{row['url']}</link><guid>{row['url']}</guid>"
        f"<dc:date>{row['published']}</dc:date><dc:language>{row['lang']}</dc:language>"
        f"<source url='https://x.example'>{row['source']}</source>"
        f"<description>Short.</description><content:encoded><![CDATA[{markup(row['text'])}]]></content:encoded></item>"
        for row in ROWS
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>All</title>'
        f"<link>https://x.example/</link><description>All</description>{items}</channel></rss>"
    ).encode()


def atom() -> bytes:
    """Return Atom 1.0 with the articles as XHTML."""
    entries = "".join(
        f'<entry xml:lang="{row["lang"]}"><title>{row["title"]}</title><id>{row["url"]}</id><link href="{row["url"]}"/>'
        f"<published>{row['published']}</published><updated>2024-01-01T00:00:00Z</updated>"
        f"<source><title>{row['source']}</title></source>"
        f'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">{markup(row["text"])}</div></content></entry>'
        for row in ROWS
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>All</title><id>x</id>{entries}</feed>'.encode()


def json_feed() -> bytes:
    """Return JSON Feed 1.1, which has no outlet for an entry: both are of the first's."""
    items = [
        {
            "id": row["url"],
            "url": row["url"],
            "title": row["title"],
            "content_html": markup(row["text"]),
            "date_published": row["published"],
            "language": row["lang"],
        }
        for row in ROWS
    ]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": SOURCES[0], "items": items}).encode()


def markup(text: str) -> str:
    """Return the paragraphs of a text as HTML."""
    return "".join(f"<p>{paragraph}</p>" for paragraph in text.split("\n\n"))


def warc(*, gzip_records: bool = False) -> bytes:
    """Return an archive of both pages, with a request and a page that was not found among them."""
    stream = io.BytesIO()
    writer = Writer(stream, gzip=gzip_records)
    writer.write_record(writer.create_warcinfo_record("pages.warc", {"software": "tests"}))
    for number, url in enumerate(URLS):
        add_capture(writer, url, page(number))
    add_capture(writer, "https://revue.example/gone", page(0), status="404 Not Found")
    add_capture(writer, "https://revue.example/logo.png", b"\x89PNG", kind="image/png")
    return stream.getvalue()


def archive(pages: dict[str, bytes]) -> bytes:
    """Return an archive of pages by their addresses, packed record by record, and of one that was not found."""
    stream = io.BytesIO()
    writer = Writer(stream, gzip=True)
    for url, content in pages.items():
        add_capture(writer, url, content)
        add_capture(writer, f"{url}/gone", content, status="404 Not Found")
    return stream.getvalue()


def add_capture(
    writer: WARCWriter,
    url: str,
    content: bytes,
    *,
    status: str = "200 OK",
    kind: str = "text/html; charset=utf-8",
    fetched: str = "2023-05-01T00:00:00Z",
) -> None:
    """Write the response of a server."""
    headers = StatusAndHeaders(status, [("Content-Type", kind)], protocol="HTTP/1.1")
    record = writer.create_warc_record(
        url, "response", payload=io.BytesIO(content), http_headers=headers, warc_headers_dict={"WARC-Date": fetched}
    )
    writer.write_record(record)
