"""Answers as the sample corpus gives them: records, so that an example cannot say what an answer does not."""

from __future__ import annotations

from typing import Any, Final

from pydantic_core import to_jsonable_python

from corpus.article import Article
from indexer.filter import Filter
from search_api.coverage import Bucket, Coverage, Facets
from search_api.explanation import Explanation, Place, Transform
from search_api.news import News, Story
from search_api.results import Citation, Copy, Highlight, Hit, PassageHit, Results

ARTICLE_ID: Final = "musk-menace-microsoft"
OUTLET: Final = "The Verge (réécriture française)"
QUERY: Final = "qui menace Microsoft"
BUILD: Final = "20261125T135541Z-5691"
# Where the service would be: for links in files and feeds.
ROOT: Final = "https://news.example.org/veille/"
# What stands for null until FastAPI, which leaves null out, has made the document (search_api/contract.py).
NULL: Final = "\N{SYMBOL FOR NULL}"
_MODEL, _REVISION = "bundled", "1571fc982750"
_SENTENCE = (
    "Elon Musk menace d’intenter une action en justice contre Microsoft à la suite d’allégations selon lesquelles "
    "l’entreprise se serait «\u00a0illégalement entraînée à utiliser les données de Twitter\u00a0»."
)
_PASSAGE = (
    f"{_SENTENCE}\n\nLa déclaration du milliardaire fait suite à un tweet indiquant que la plateforme publicitaire de "
    "Microsoft a annoncé qu’elle cesserait de prendre en charge Twitter, prétendument en raison des changements "
    "apportés par Twitter, qui exige un paiement pour accéder à son API."
)
ARTICLE: Final = Article(
    id=ARTICLE_ID,
    title="",
    text=_PASSAGE,
    lang="fr",
    source=OUTLET,
    url=None,
    published="2023-04-20",
    published_from="record",
    category="technology",
    metadata={},
)
RESULTS: Final = Results(
    query=QUERY,
    hits=(
        Hit(
            article_id=ARTICLE_ID,
            title="",
            source=OUTLET,
            published="2023-04-20",
            lang="fr",
            url=None,
            score=1.057373,
            passages=(PassageHit("9f109213214a62033117", _PASSAGE, 0, len(_PASSAGE), 1.057373),),
            citation=Citation(
                build=BUILD,
                model=_MODEL,
                revision=_REVISION,
                content_hash="608969b4dc73fbb0d47917d7ebbcffa82cc147bb60ad9f6938f7769bd00708c8",
                permalink=f"?read={ARTICLE_ID}",
                start=0,
                end=len(_SENTENCE),
            ),
            highlight=Highlight(_SENTENCE, 0, len(_SENTENCE)),
            confidence=0.994,
            category="technology",
            explanation=Explanation(
                cosine=0.865647,
                words=0.099119,
                matched=("qui", "menace", "microsoft"),
                names=0.0,
                evenness=-0.086563,
                prefer=0.0,
                fused=0.878203,
                tokens=0.17917,
                reranker=None,
                score=1.057373,
                evidence=5.973,
                transform=Transform("neutral", 2, {"fr": 0.307, "gl": 0.067, "de": 0.051}, "fr"),
                filters={"passages": 3803},
                group=Place(grouped=True, articles=1),
            ),
        ),
    ),
    build=BUILD,
    seconds=0.115276,
    answered=True,
)
COPIES: Final = (
    Copy(
        article_id="debian-news-2016-20160105-en",
        source="Debian News",
        lang="en",
        title="Debian Project mourns the loss of Ian Murdock",
        url="https://www.debian.org/News/2016/20160105.en.html",
        published="2016-01-05",
        kind="translation",
    ),
    Copy(
        article_id="debian-news-2016-20160105-fr",
        source="Debian News",
        lang="fr",
        title="Le projet Debian déplore la perte de Ian Murdock",
        url="https://www.debian.org/News/2016/20160105.fr.html",
        published="2016-01-05",
        kind="translation",
    ),
)
_CONTACT = (
    "Para más información, por favor visite las páginas web de Debian en https://www.debian.org/ o envíe un correo "
    "electrónico a press@debian.org."
)
LIKES: Final = Results(
    query=ARTICLE_ID,
    hits=(
        Hit(
            article_id="debian-news-2016-20160105-es",
            title="El Proyecto Debian lamenta el fallecimiento de Ian Murdock",
            source="Debian News",
            published="2016-01-05",
            lang="es",
            url="https://www.debian.org/News/2016/20160105.es.html",
            score=0.886896,
            passages=(PassageHit("6e920327091ba23238d2", _CONTACT, 5654, 5795, 0.886896),),
            citation=Citation(
                build=BUILD,
                model=_MODEL,
                revision=_REVISION,
                content_hash="19cbf718e72e1eeef8cbbb46f8e9416841575a243e57cd4dd4cf17c9682cedf2",
                permalink="https://www.debian.org/News/2016/20160105.es.html#:~:text=Para%20m%C3%A1s%20informaci"
                "%C3%B3n%2C%20por%20favor%20visite%20las%20p%C3%A1ginas%20web%20de%20Debian%20en%20https%3A%2F%2F"
                "www.debian.org%2F%20o%20env%C3%ADe%20un%20correo%20electr%C3%B3nico%20a%20press%40debian.org.",
                start=5654,
                end=5795,
            ),
            copies=COPIES,
            category="technology",
        ),
    ),
    build=BUILD,
    seconds=0.002868,
)
COVERAGE: Final = Coverage(
    query=QUERY,
    build=BUILD,
    by="month",
    stories=3,
    articles=4,
    undated=0,
    complete=True,
    buckets=(
        Bucket("2012-02", 2, {"en": 1, "fr": 1, "ja": 1}, {"Debian News": 2}),
        Bucket("2023-04", 1, {"fr": 1}, {OUTLET: 1}),
    ),
    languages={"fr": 2, "en": 1, "ja": 1},
    sources={"Debian News": 2, OUTLET: 1},
    categories={"technology": 3},
    facets=Facets({"fr": 2, "en": 1, "ja": 1}, {"Debian News": 2, OUTLET: 1}, {"technology": 3}),
    seconds=0.00884,
    notes=(),
)
NEWS: Final = News(QUERY, Filter(), BUILD, (Story(ARTICLE, _SENTENCE, "2023-04-20T00:00:00Z"),))


def shown(record: Any) -> Any:
    """Return a record, or what its `to_json` gave, as JSON holds it, NULL for null."""
    return _marked(to_jsonable_python(record))


def _marked(part: Any) -> Any:
    if isinstance(part, dict):
        return {name: _marked(value) for name, value in part.items()}
    if isinstance(part, list):
        return [_marked(value) for value in part]
    return NULL if part is None else part
