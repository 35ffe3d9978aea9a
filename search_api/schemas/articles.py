"""An article as it is answered."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from corpus.article import Article
from indexer.history import KEPT_REVISIONS
from search_api.schemas.examples import ARTICLE, shown

_REVISION = {
    "title": "",
    "content_hash": "0c5d8b0a9a8a4d1e6f3b7c2d9e8f7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2d1e0f",
    "published": "2023-04-20",
    "replaced": "2023-04-21T10:00:00Z",
}
_EXAMPLE = {**shown(ARTICLE.to_record()), "revisions": [_REVISION]}
del _EXAMPLE["origin"]


class RevisionAnswer(BaseModel):
    """What an article was before it changed."""

    model_config = ConfigDict(from_attributes=True)

    title: str
    content_hash: str = Field(description="SHA-256 of what it said.")
    published: str | None
    replaced: str = Field(description="When a build found it changed, in UTC.", examples=["2023-04-20T10:00:00Z"])


class ArticleAnswer(BaseModel):
    """An article as the index keeps it."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [_EXAMPLE]})

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
