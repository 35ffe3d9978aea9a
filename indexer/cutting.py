"""Cuts one article into passages, with the keys of what is embedded for them: the same here and on any machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.article import Article
from corpus.passages import Passage, PassageRules, Span, cut
from indexer.cache import key_of
from indexer.embedded import embedded_text, embedded_title
from indexer.encoder import Encoder


@dataclass(frozen=True, slots=True)
class Cut:
    """The passages of an article, how many of its sentences were too long for one, and the passages' keys."""

    passages: list[Passage]
    split_sentences: int
    keys: list[bytes]


def cut_article(
    article: Article, encoder: Encoder, rules: PassageRules, boilerplate: Sequence[Span], *, with_title: bool
) -> Cut:
    """Cut an article, leaving out the spans of `boilerplate`."""
    passages, split_sentences = cut(article, encoder.count_tokens, rules, boilerplate)
    title = embedded_title(encoder, article.title) if with_title else ""
    return Cut(passages, split_sentences, [key_of(embedded_text(title, passage.text)) for passage in passages])
