"""HTML pages: the article without what stands around it, and what the page says of itself."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from corpus.article import Article, new_article_id
from corpus.errors import SourceError
from corpus.readers import html
from corpus.readers.markup import plain_text

PROSE = (
    "<p>Die Stadt baut neue Straßenbahnen, die ab dem nächsten Jahr fahren sollen.</p>"
    "<p>Die Kosten trägt zum größten Teil das Land, wie der Senat am Montag mitteilte.</p>"
)


def page(head: str = "", body: str = PROSE, html_tag: str = "<html>") -> bytes:
    return f"<!DOCTYPE html>{html_tag}<head>{head}</head><body><article>{body}</article></body></html>".encode()


def parsed(content: bytes, **more: object) -> Article:
    found = html.parse(content, "a.html", **more)  # type: ignore[arg-type]
    assert isinstance(found, Article), found
    return found


def test_what_a_page_says_of_itself() -> None:
    article = parsed(
        page(
            '<meta charset="utf-8"><title>Neue Bahnen | Stadtblatt</title>'
            '<meta property="og:title" content="Neue Bahnen">'
            '<link rel="canonical" href="/bahnen"><meta property="og:site_name" content="Stadtblatt">'
            '<meta name="author" content="Erika Muster"><meta property="article:section" content="Verkehr">'
            '<meta property="article:tag" content="Bahn"><script type="application/ld+json">{"@graph": [{"@type": '
            '"NewsArticle", "datePublished": "2023-04-20T08:00:00+02:00"}]}</script>',
            "<h1>Neue Bahnen</h1>" + PROSE,
            '<html lang="de-AT">',
        ),
        url="https://www.stadtblatt.example/bahnen?utm_source=x",
    )
    assert article.title == "Neue Bahnen"
    assert article.text.startswith("Die Stadt baut")
    assert article.text.count("\n\n") == 1
    assert (article.lang, article.source, article.category) == ("de", "Stadtblatt", "Verkehr")
    assert article.url == "https://www.stadtblatt.example/bahnen"
    assert article.id == new_article_id(article.url, "", "", "")
    assert (article.published, article.published_from) == ("2023-04-20T06:00:00Z", "metadata")
    assert article.metadata == {"author": "Erika Muster", "tags": ["Bahn"]}


def test_navigation_comments_scripts_and_hidden_text_stay_out() -> None:
    article = parsed(
        page(
            body="<nav><a href='/'>Startseite</a></nav>" + PROSE + "<script>var x = 'geheim';</script>"
            "<div style='Display : none'>unsichtbar</div><div id='comments'><p>Erster Kommentar hier!</p></div>"
        )
    )
    for unwanted in ("Startseite", "geheim", "unsichtbar", "Kommentar"):
        assert unwanted not in article.text


@pytest.mark.parametrize(
    ("head", "url", "published", "origin"),
    [
        ('<meta name="date" content="2023-04-20">', None, "2023-04-20", "metadata"),
        ('<meta name="dc.date.issued" content="2021">', "https://x.example/2023/04/20/a", "2023-04-20", "page"),
        ("", "https://x.example/2023/04/20/a", "2023-04-20", "page"),
        ('<script type="application/ld+json">{"datePublished": </script>', None, None, None),
        ("", None, None, None),
    ],
)
def test_where_the_date_comes_from(head: str, url: str | None, published: str | None, origin: str | None) -> None:
    article = parsed(page(head), url=url)
    assert (article.published, article.published_from) == (published, origin)


def test_no_date_after_the_fetch_is_looked_for() -> None:
    moment = datetime(2023, 4, 1, tzinfo=UTC)
    assert parsed(page(), url="https://x.example/2023/04/20/a", moment=moment).published is None


def test_a_copyright_notice_is_no_date() -> None:
    assert parsed(page(body=PROSE + "<footer>© 2019 Stadtblatt</footer>")).published is None


@pytest.mark.parametrize(
    ("canonical", "address"),
    [
        ("https://m.x.example/a", "https://m.x.example/a"),
        ("https://x.example/a#part", "https://x.example/a#part"),
        ("https://other.example/a", "https://www.x.example/b"),
        ("javascript:alert(1)", "https://www.x.example/b"),
        ("https://[bad", "https://www.x.example/b"),
        ("", "https://www.x.example/b"),
    ],
)
def test_only_a_page_of_the_same_site_names_its_address(canonical: str, address: str) -> None:
    content = page(f'<link rel="canonical" href="{canonical}">')
    assert parsed(content, url="https://www.x.example/b").url == address


@pytest.mark.parametrize(
    ("charset", "declared", "said"),
    [
        ("utf-8", "", None),
        ("iso-8859-1", "iso-8859-1", None),
        ("windows-1252", "iso-8859-1", None),
        ("windows-1252", "", "windows-1252"),
        ("windows-1252", "", None),
        ("utf-16", "", None),
        ("utf-8", "utf-16", None),
        ("utf-8", "punycode", "no-such-thing"),
    ],
)
def test_encodings(charset: str, declared: str, said: str | None) -> None:
    meta = f'<meta charset="{declared}">' if declared else ""
    content = page(meta, PROSE.replace("Senat", "Señat")).decode().encode(charset)
    assert "Straßenbahnen" in parsed(content, charset=said).text
    assert "Señat" in parsed(content, charset=said).text


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "no-text"),
        (b"\0\0\0", "no-text"),
        (b"<html><body></body></html>", "no-text"),
        (b"<html><script>only()</script></html>", "no-text"),
        (b"x" * (html.LARGEST_PAGE + 1), "too-large"),
    ],
)
def test_pages_that_are_none(content: bytes, kind: str) -> None:
    found = html.parse(content, "a.html")
    assert isinstance(found, SourceError)
    assert found.kind == kind


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One <b>wo</b>rd.<p>Two", "One word.\n\nTwo"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<ul><li>one<li>two</ul>after", "one\n\ntwo\n\nafter"),
        ("<table><tr><td>1<td>2<tr><td>3</table>", "1 2\n\n3"),
        ("a<script>x</script>b<!-- c -->d<style>e</style>", "abd"),
        ("<div hidden>no<p>no</div>yes<span style='DISPLAY : none'>no</span>", "yes"),
        ("Caf&eacute; &amp;lt; &#8212; &lt;b&gt;", "Café &lt; — <b>"),
        ("zero\u200bwidth\u2060 soft\u00adhyphen \u202eleft", "zerowidth softhyphen left"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("<a href=x", ""),
        ("1 < 2", "1 < 2"),
        ("plain\n\nparagraphs\nof text", "plain\n\nparagraphs of text"),
        ("<div>" * 5000 + "deep<script>no</script>" + "</div>" * 5000, "deep"),
        ("", ""),
    ],
)
def test_markup_into_text(markup: str, text: str) -> None:
    assert plain_text(markup) == text


def test_nothing_is_told_on_stderr_and_nothing_heavy_is_loaded_for_other_formats() -> None:
    code = (
        "import sys\nfrom corpus.readers import html, read\n"
        "heavy = {'trafilatura', 'feedparser', 'warcio', 'pyarrow', 'zstandard'}\n"
        "print(sorted(heavy & set(sys.modules)))\nhtml.parse(b'<html></html>', 'x')\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == ("[]\n", "")
