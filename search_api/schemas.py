"""The HTTP contract: what a request may say and what an answer holds."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

from corpus.article import Article
from indexer.history import KEPT_REVISIONS
from search_api.engine import PASSAGES
from search_api.errors import MEDIA_TYPE, Problem
from search_api.queries import MOST_HITS_SERVED, Format, readable
from search_api.results import Kind

MOST_QUESTIONS = 64
_MOST_VALUES = 100
_MOST_PASSAGES = 20
_LONGEST_VALUE = 500


def _mended(value: Any) -> Any:
    return readable(value) if isinstance(value, str) else value


# JSON can spell half a surrogate pair, which pydantic refuses with a message about bytes.
Text = Annotated[str, BeforeValidator(_mended)]
Value = Annotated[Text, Field(max_length=_LONGEST_VALUE)]


class Selection(BaseModel):
    """Which articles may answer. An unknown name is refused: a filter that is misspelt must not be ignored."""

    model_config = ConfigDict(extra="forbid")

    lang: list[Value] = Field(
        default=[], max_length=_MOST_VALUES, description="Languages (ISO 639-1), any of them.", examples=[["fr"]]
    )
    source: list[Value] = Field(
        default=[], max_length=_MOST_VALUES, description="Sources by their exact names, any of them."
    )
    category: list[Value] = Field(
        default=[], max_length=_MOST_VALUES, description='Categories by their exact names, any of them; "" for none.'
    )
    since: Value | None = Field(None, description="Earliest date of publication, inclusive.", examples=["2012-01-01"])
    until: Value | None = Field(
        None,
        description="Latest date of publication, inclusive; a bare date includes the whole day.",
        examples=["2023-04-30"],
    )
    group: bool = Field(
        True, description="All near-copies and translations of a story are one; false: each article is by itself."
    )

    def arguments(self) -> dict[str, Any]:
        """Return them as keyword arguments of SearchEngine."""
        return {
            "lang": self.lang,
            "source": self.source,
            "category": self.category,
            "since": self.since,
            "until": self.until,
            "group": self.group,
        }


class Filters(Selection):
    """Which articles may answer, and how much of them to return."""

    k: int = Field(10, ge=1, le=MOST_HITS_SERVED, description="How many articles to return.")
    passages: int = Field(
        PASSAGES, ge=1, le=_MOST_PASSAGES, description="How many passages of each article to return at most."
    )

    def arguments(self) -> dict[str, Any]:
        """Return them as keyword arguments of SearchEngine."""
        return {**super().arguments(), "k": self.k, "passages_per_article": self.passages}


class SearchRequest(Filters):
    """A question with its filters."""

    explain: bool = Field(False, description="Say of each hit why it stands where it stands.")

    prefer: list[Value] = Field(
        default=["any"],
        max_length=_MOST_VALUES,
        description='Tilt the order toward languages: "any" (none), "query" (that of the question), or codes.',
        examples=[["query"]],
    )

    q: Text = Field(
        description="The question, in any language, of at most 2,000 characters unless the server is set otherwise.",
        examples=["qui menace Microsoft"],
    )

    def arguments(self) -> dict[str, Any]:
        """Return them as keyword arguments of SearchEngine.search."""
        return {**super().arguments(), "prefer": self.prefer, "explain": self.explain}


class SearchQuery(SearchRequest):
    """A question as an address asks it, and what kind of file the answer is to be."""

    format: Format = Field(Format.JSON, description="Of the answer: all but json are files for other programs.")


class BatchRequest(BaseModel):
    """Several questions, each with filters of its own."""

    model_config = ConfigDict(extra="forbid")

    queries: list[SearchRequest] = Field(
        min_length=1,
        max_length=MOST_QUESTIONS,
        description="Each counts as a request where requests are limited.",
        examples=[[{"q": "qui menace Microsoft", "k": 3}, {"q": "security holes in routers", "lang": ["de", "fr"]}]],
    )


class PassageAnswer(BaseModel):
    """A passage of an article."""

    id: str = Field(description="Stable across builds.")
    text: str
    start: int = Field(description="Where it begins in the article's text, in code points.")
    end: int = Field(description="Where it ends.")
    score: float = Field(
        description="Cosine with the question, their languages taken out, and what shared words and near tokens add; "
        "or the score of the reranker that the server was started with."
    )


class HighlightAnswer(BaseModel):
    """A sentence of an article."""

    text: str
    start: int = Field(description="Where it begins in the article's text, in code points.")
    end: int = Field(description="Where it ends.")


class CitationAnswer(BaseModel):
    """How to cite a hit."""

    build: str = Field(description="The generation of the index that found it.", examples=["20261125T065737Z-6d0a"])
    model: str = Field(examples=["bundled"])
    revision: str = Field(description="Of the model.")
    content_hash: str = Field(description="SHA-256 of what the article said.")
    permalink: str = Field(
        description="Leads to the quoted words on the article's page; of an article without one, to the page of this "
        "service with the article open, relative to its address.",
        examples=["https://example.org/musk#:~:text=Elon%20Musk%20menace"],
    )
    start: int = Field(description="Where the quoted words begin in the article's text, in code points.")
    end: int = Field(description="Where they end.")


class CopyAnswer(BaseModel):
    """Another article that says the same as a hit."""

    model_config = ConfigDict(from_attributes=True)

    article_id: str
    source: str
    lang: str = Field(description='ISO 639-1, or "und".', examples=["de"])
    title: str
    url: str | None
    published: str | None
    kind: Kind = Field(description="A near-copy of the same text, or a translation of the story.")


class TransformAnswer(BaseModel):
    """What was taken out of the vectors, so that languages count alike."""

    name: str
    version: int
    question: dict[str, float] = Field(description="Languages that the question looks like, and how much.")
    passage: str = Field(description="The language that the passage is in.")


class PlaceAnswer(BaseModel):
    """How many articles stand behind a hit."""

    grouped: bool = Field(description="Whether near-copies and translations were one hit.")
    articles: int = Field(description="How many articles tell its story: it is the one that scores best.")


class ExplanationAnswer(BaseModel):
    """The parts of the score of a hit's best passage."""

    cosine: float = Field(description="Of question and passage, their languages taken out.")
    words: float = Field(description="What the question's words add.")
    matched: list[str] = Field(description="Those words of the question that the passage has, folded.")
    names: float = Field(description="What the question's rare names add.")
    evenness: float = Field(description="What the best match of the passage's language takes off all of them.")
    prefer: float = Field(description="What the language adds because it was asked for.")
    fused: float = Field(description="The sum of these, by which articles are found.")
    tokens: float = Field(description="What comparing token by token adds.")
    reranker: float | None = Field(description="The score of the reranker, where there is one.")
    score: float = Field(description="That of the hit: fused and tokens, or the reranker's.")
    evidence: float | None = Field(description="How much speaks for an answer; above 0 it counts as one.")
    transform: TransformAnswer | None
    filters: dict[str, Any] = Field(description="Those in force, and how many passages pass them.")
    group: PlaceAnswer


class HitAnswer(BaseModel):
    """An article with its best passages, best first."""

    article_id: str
    title: str = Field(description="May be empty.")
    source: str
    published: str | None = Field(description="ISO 8601, a date or a time in UTC.", examples=["2023-04-20"])
    lang: str = Field(description='ISO 639-1, or "und".', examples=["fr"])
    url: str | None
    category: str | None
    score: float = Field(description="That of the best passage.")
    passages: list[PassageAnswer]
    highlight: HighlightAnswer | None = Field(
        description="The sentence of the best passage that answers best; null where nothing was asked."
    )
    confidence: float | None = Field(
        description="Probability, 0 to 1, that the article answers; null where nothing was asked."
    )
    copies: list[CopyAnswer] = Field(
        description="The other articles of its group, whether or not they pass the filters, earliest first."
    )
    citation: CitationAnswer = Field(description="How to cite it: the highlight, or else the first passage.")
    explanation: ExplanationAnswer | None = Field(None, description="Why it scores what it does, where asked for.")


class SearchAnswer(BaseModel):
    """The hits, best first: at most one an article."""

    query: str = Field(description="The question as understood; an article's id for its likes.")
    hits: list[HitAnswer]
    build: str = Field(description="The generation of the index that answered.")
    seconds: float
    notes: list[str] = Field(description="Why there may be fewer hits than expected.")
    answered: bool | None = Field(
        description="Whether any hit seems to answer; if not, they are but the nearest. Null for similar articles."
    )


class BatchAnswer(BaseModel):
    """What was found for each question, in their order: all of one build."""

    build: str = Field(description="The generation of the index that answered.")
    results: list[SearchAnswer | Problem] = Field(description="An answer each, or why there is none.")


class RevisionAnswer(BaseModel):
    """What an article was before it changed."""

    model_config = ConfigDict(from_attributes=True)

    title: str
    content_hash: str = Field(description="SHA-256 of what it said.")
    published: str | None
    replaced: str = Field(description="When a build found it changed, in UTC.", examples=["2023-04-20T10:00:00Z"])


class ArticleAnswer(BaseModel):
    """An article as the index keeps it."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    title: str
    text: str
    lang: str
    source: str
    url: str | None
    published: str | None
    published_from: str | None = Field(description="Where the date was found.")
    category: str | None
    metadata: dict[str, Any] = Field(description="What else the source said.")
    revisions: list[RevisionAnswer] = Field(
        default=[], description=f"Earlier versions, the latest first: at most {KEPT_REVISIONS}."
    )

    @classmethod
    def of(cls, article: Article, revisions: list[RevisionAnswer]) -> ArticleAnswer:
        """Return the answer for an article."""
        return cls.model_validate(article).model_copy(update={"revisions": revisions})


class Live(BaseModel):
    """The process answers."""

    status: str = "live"


class Ready(BaseModel):
    """The index can be searched."""

    status: str = "ready"
    build: str
    articles: int
    passages: int
    newer: str | None = Field(
        None, description="The newest generation and why it does not open; null where it is the one that is served."
    )


def _documented(description: str) -> dict[str, Any]:
    schema = TypeAdapter(Problem).json_schema()
    return {"description": description, "content": {MEDIA_TYPE: {"schema": schema}}}


# "4XX" also keeps FastAPI from announcing its own 422.
PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": _documented("Something is wrong with the request; `detail` says what."),
    503: _documented("The index cannot be searched, or there is too much to do; `Retry-After` says when to ask again."),
}
