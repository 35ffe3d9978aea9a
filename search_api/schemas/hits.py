"""What an answer to a question holds: hits, and what each is made of."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from search_api.errors import Problem
from search_api.results import Kind
from search_api.schemas.examples import BUILD, RESULTS, shown
from search_api.schemas.explanation import ExplanationAnswer
from search_api.schemas.problems import EMPTY

_FOUND = shown(RESULTS.to_json())


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

    build: str = Field(description="The generation of the index that found it.", examples=[BUILD])
    model: str = Field(examples=["bundled"])
    revision: str = Field(description="Of the model.")
    content_hash: str = Field(description="SHA-256 of what the article said.")
    permalink: str = Field(
        description="Leads to the quoted words on the article's page; of an article without one, to the page of this "
        "service with the article open, relative to its address unless the server was told that (public_url).",
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

    model_config = ConfigDict(json_schema_extra={"examples": [_FOUND]})

    query: str = Field(description="The question as understood; an article's id for its likes.")
    hits: list[HitAnswer]
    build: str = Field(description="The generation of the index that answered.")
    seconds: float
    notes: list[str] = Field(description="Why there may be fewer hits than expected.")
    answered: bool | None = Field(
        description="Whether any hit seems to answer; if not, they are but the nearest. Null for similar articles."
    )
    absent: list[str] = Field(
        description="Names with digits and long numbers of the question, as written there, that no passage holds.",
        examples=[["CVE-2021-44228"]],
    )


class BatchAnswer(BaseModel):
    """What was found for each question, in their order: all of one build."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"build": BUILD, "results": [_FOUND, EMPTY.to_json()]}]})

    build: str = Field(description="The generation of the index that answered.")
    results: list[SearchAnswer | Problem] = Field(description="An answer each, or why there is none.")
