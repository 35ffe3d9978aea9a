"""Readers: what is read from real files, and what each kind of bad input gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.article import Article
from corpus.errors import SourceError
from corpus.readers import ReadReport, read


def lines(folder: Path, *content: str | bytes) -> Path:
    file = folder / "a.jsonl"
    file.write_bytes(b"\n".join(line if isinstance(line, bytes) else line.encode() for line in content))
    return file


def one(source: Path) -> Article:
    (article,) = read(source)
    return article


def test_all_fields(tmp_path: Path) -> None:
    article = one(
        lines(
            tmp_path,
            '{"id": 7, "title": " T\\n t ", "text": "Un texte.", "lang": "pt-BR", "source": "S", '
            '"url": "https://x.org", '
            '"published": "2023-04-20T01:00:00+02:00", "category": "c", "parallel_id": null, '
            '"more": {"a": ["\\ud800"]}}',
        )
    )
    assert article == Article(
        id="7",
        title="T t",
        text="Un texte.",
        lang="pt",
        source="S",
        url="https://x.org",
        category="c",
        published="2023-04-19T23:00:00Z",
        published_from="record",
        metadata={"parallel_id": None, "more": {"a": ["\ufffd"]}},
    )


def test_what_is_missing_is_found_out(tmp_path: Path) -> None:
    french, german = read(
        lines(
            tmp_path,
            '{"text": "Le fabricant annonce une nouvelle puce pour les téléphones."}',
            '{"text": "Der Hersteller kündigt einen neuen Chip für Telefone an.", "lang": "klingon!!"}',
        )
    )
    assert (french.lang, german.lang) == ("fr", "de")
    assert len(french.id) == 20
    assert french.published is None


def test_bom_crlf_blank_lines_and_control_characters(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(
        b'\xef\xbb\xbf{"id": "a", "text": "one\\r\\ntwo\\u0000\\u001b[31m"}\r\n\r\n{"id": "b", "text": "x"}\r\n'
    )
    first, second = read(file)
    assert first.text == "one\ntwo  [31m"
    assert second.id == "b"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("not json", "json"),
        ('{"text": "x"', "json"),
        ('{"text": NaN}', "json"),
        ("[" * 100_000, "json"),
        ('["text"]', "not-an-object"),
        ("3", "not-an-object"),
        ("{}", "no-text"),
        ('{"text": ""}', "no-text"),
        ('{"text": " \\n\\u0000"}', "no-text"),
        ('{"text": null}', "no-text"),
        ('{"text": 3}', "field"),
        ('{"text": "x", "title": ["t"]}', "field"),
        ('{"text": "x", "published": "2023-02-30"}', "date"),
        ('{"text": "x", "published": "yesterday"}', "date"),
        (b'{"text": "caf\xe9"}', "encoding"),
        ('{"id": "ok", "text": "another"}', "duplicate-id"),
    ],
)
def test_a_bad_line_is_named_or_skipped(tmp_path: Path, line: str | bytes, kind: str) -> None:
    file = lines(tmp_path, '{"id": "ok", "text": "fine"}', line, '{"id": "after", "text": "fine too"}')
    with pytest.raises(SourceError) as caught:
        list(read(file))
    assert caught.value.kind == kind
    assert str(file) in str(caught.value)
    if kind != "duplicate-id":
        assert caught.value.where == f"{file}:2"
    report = ReadReport()
    assert [article.id for article in read(file, on_error="skip", report=report)] == ["ok", "after"]
    assert (report.read, report.skipped, report.by_kind) == (2, 1, {kind: 1})
    assert report.first == [str(caught.value)]


def test_the_report_keeps_the_first_ten(tmp_path: Path) -> None:
    report = ReadReport()
    assert list(read(lines(tmp_path, *["bad"] * 25), on_error="skip", report=report)) == []
    assert (report.skipped, len(report.first)) == (25, 10)


def test_the_same_article_again_counts_once_but_says_where_it_was_found(tmp_path: Path) -> None:
    file = lines(tmp_path, '{"id": "a", "text": "x"}', '{"id": "a", "text": "x"}')
    other = tmp_path / "b.jsonl"
    other.write_bytes(file.read_bytes())
    report = ReadReport()
    origins = [article.origin for article in read(tmp_path, report=report)]
    assert origins == [str(file), str(file), str(other), str(other)]
    assert report.read == 1


def test_a_page_read_twice_is_what_it_was_last(tmp_path: Path) -> None:
    file = lines(
        tmp_path,
        '{"url": "https://e.org/a?utm_source=rss", "text": "first"}',
        '{"url": "http://e.org/a/", "text": "second"}',
    )
    report = ReadReport()
    one, other = read(file, report=report)
    assert one.id == other.id
    assert (one.url, other.text, report.read) == ("https://e.org/a?utm_source=rss", "second", 1)


@pytest.mark.parametrize(
    ("name", "kind"), [("nothing.jsonl", "missing-file"), ("a.pdf", "format"), ("plain", "format")]
)
def test_sources_that_are_none(tmp_path: Path, name: str, kind: str) -> None:
    if kind == "format":
        (tmp_path / name).write_bytes(b"%PDF")
    with pytest.raises(SourceError) as caught:
        list(read(tmp_path / name, on_error="skip"))
    assert caught.value.kind == kind


def test_a_folder_is_read_in_order_and_passes_over_what_is_no_article(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / ".hidden").mkdir()
    for name in ("b.txt", "sub/a.md", "README.md", "LICENCE.txt", "image.png", ".hidden/c.txt"):
        (tmp_path / name).write_text(f"Text of {name}.")
    (tmp_path / "link.txt").symlink_to(tmp_path / "b.txt")
    report = ReadReport()
    assert [article.id for article in read(tmp_path, report=report)] == ["b.txt", "sub/a.md"]
    assert report.ignored == 3


def test_front_matter(tmp_path: Path) -> None:
    file = tmp_path / "n.md"
    file.write_text(
        "---\ntitle: Musk menace\ndate: 2023-04-20\nlang: fr\nsource: Revue\nurl: https://x.org/1\ntags: [ia, 3]\n"
        "seen: 2023-05-01 10:00:00\n---\n\n# Un titre\n\nLe texte.\n",
        encoding="utf-8",
    )
    article = one(file)
    assert (article.title, article.published, article.lang) == ("Musk menace", "2023-04-20", "fr")
    assert (article.source, article.url, article.published_from) == ("Revue", "https://x.org/1", "front-matter")
    assert article.metadata == {"tags": ["ia", 3], "seen": "2023-05-01T10:00:00"}
    assert article.text == "# Un titre\n\nLe texte."


def test_a_first_heading_is_the_title(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# The title #\n\nThe text.")
    (tmp_path / "a.txt").write_text("# no title\n\nThe text.")
    markdown, text = read(tmp_path)
    assert (markdown.title, markdown.text) == ("The title", "The text.")
    assert (text.title, text.text) == ("", "# no title\n\nThe text.")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"---\ntitle: [unclosed\n---\ntext", "front-matter"),
        (b"---\ndate: someday\n---\ntext", "date"),
        (b"caf\xe9 au lait", "encoding"),
        (b"  \n", "no-text"),
        (b"---\ntitle: only\n---\n", "no-text"),
        (b"---\n!!python/object/apply:os.system ['true']\n---\ntext", "front-matter"),
        (b"---\n- a list\n---\ntext", "front-matter"),
    ],
)
def test_bad_text_files(tmp_path: Path, content: bytes, kind: str) -> None:
    (tmp_path / "bad.md").write_bytes(content)
    with pytest.raises(SourceError) as caught:
        list(read(tmp_path))
    assert caught.value.kind == kind
    assert "bad.md" in str(caught.value)


def test_the_whole_of_technews(shared_data: Path) -> None:
    articles = list(read(shared_data / "technews"))
    assert len(articles) == 24_539
    assert len({article.lang for article in articles}) == 31
    assert articles[0].id == "10kgnad-test-0000"
    assert articles[-1].id.startswith("ruby-20")
