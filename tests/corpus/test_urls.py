"""Addresses of one page have one canonical form, those of two pages two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.article import Article, new_article_id
from corpus.urls import canonical_url


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTPS://Example.ORG:443/a/./b/../c?utm_source=rss&id=5#top", "https://example.org/a/c?id=5"),
        ("http://example.org", "https://example.org/"),
        ("http://example.org:80/a/", "https://example.org/a"),
        ("https://example.org:8443/a//", "https://example.org:8443/a"),
        ("https://example.org./a", "https://example.org/a"),
        ("https://user:secret@example.org/a", "https://example.org/a"),
        ("https://example.org/%7euser/%e9t%C3%A9%2fb", "https://example.org/~user/%E9t%C3%A9%2Fb"),
        ("https://example.org/été?q=où", "https://example.org/%C3%A9t%C3%A9?q=o%C3%B9"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://BÜCHER.example", "https://xn--bcher-kva.example/"),
        ("https://新闻.中国/a", "https://xn--efvy88h.xn--fiqs8s/a"),
        ("https://e.org/?b=2&UTM_Medium=x&a=1&fbclid=x&gclid=y&mc_cid=z&xtor=RSS-1", "https://e.org/?a=1&b=2"),
        ("https://e.org/?tag=b&tag=a", "https://e.org/?tag=b&tag=a"),
        ("https://e.org/a?", "https://e.org/a"),
        ("https://e.org/a?q=", "https://e.org/a?q="),
        ("https://e.org/app#!/story/5", "https://e.org/app#!/story/5"),
        ("https://e.org/a#:~:text=word", "https://e.org/a"),
        ("https://e.org/100%", "https://e.org/100%25"),
        ('https://e.org/<a>"%22', "https://e.org/%3Ca%3E%22%22"),
        ("https://e.org/../../a", "https://e.org/a"),
        ("http://[2001:DB8::1]:80/x", "https://[2001:db8::1]/x"),
        (" https://e.org/\na b\t", "https://e.org/a%20b"),
        ("mailto:a@b.c", "mailto:a@b.c"),
        ("/relative", "/relative"),
        ("https://[bad/", "https://[bad/"),
        ("https://e.org:99999/", "https://e.org:99999/"),
        ("", ""),
    ],
)
def test_one_form(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://e.org/a", "https://www.e.org/a"),
        ("https://e.org/a", "https://e.org/A"),
        ("https://e.org/a", "https://e.org/a.html"),
        ("https://e.org/?id=1", "https://e.org/?id=2"),
        ("https://e.org/?ref=1", "https://e.org/"),
        ("https://e.org/a%2Fb", "https://e.org/a/b"),
        ("https://e.org/#!/1", "https://e.org/#!/2"),
    ],
)
def test_two_pages(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


parts = st.text(alphabet=st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    ["%", "%2e", "..", "//", "?", "#!", "a"]
)


@given(
    st.lists(parts, max_size=6), st.sampled_from(["http://", "https://e.org/", "https://e.org/?", "", "HTTP://É.org/"])
)
def test_it_never_raises_and_is_its_own_canonical_form(rest: list[str], start: str) -> None:
    once = canonical_url(start + "".join(rest))
    assert canonical_url(once) == once


@given(st.text(max_size=30))
def test_any_text(text: str) -> None:
    canonical_url(text)


def test_an_article_is_the_same_whatever_a_reader_came_from() -> None:
    feed, page = "http://e.org/a/?utm_source=rss", "https://e.org/a"
    assert new_article_id(feed, "s", "t", "b") == new_article_id(page, "", "", "")
    assert Article(id="a", text="x", url=feed).content_hash == Article(id="a", text="x", url=page).content_hash
    assert Article(id="a", text="x", url=feed).url == feed
