"""What was built, with what, and the checksums of its files: manifest.json of a generation."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from indexer.calibration import Calibration
from indexer.encoder import EncoderSpec
from indexer.errors import IndexDamaged, SchemaMismatch
from indexer.left_out import SourceBoilerplate

SCHEMA = 5
NAME = "manifest.json"
REBUILD = "Build it again: veille index SOURCE... --index DIR --fresh"


@dataclass(frozen=True, slots=True)
class FileSum:
    """Size in bytes and SHA-256 (hex) of a file."""

    sha256: str
    bytes: int

    @classmethod
    def of(cls, file: Path) -> FileSum:
        """Read the whole file."""
        with file.open("rb") as stream:
            return cls(sha256=hashlib.file_digest(stream, "sha256").hexdigest(), bytes=file.stat().st_size)


@dataclass(frozen=True, slots=True)
class Verified:
    """What a generation had to pass before it was served: `sample` passages were looked for by their own text.

    `canaries`: questions that had to find an expected article.
    """

    sample: int
    canaries: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """The facts of one generation. `languages` and `sources` count articles.

    `previous` is the build that was served when this one was made, empty for the first.
    """

    schema: int
    build: str
    previous: str
    created: str
    encoder: EncoderSpec
    with_title: bool
    passage_budget: int
    articles: int
    passages: int
    languages: dict[str, int]
    sources: dict[str, int]
    split_sentences: int
    vector_kind: str
    neutral_version: int
    words_version: int
    codes_version: int
    calibration_version: int
    boilerplate_version: int
    boilerplate: dict[str, SourceBoilerplate]
    calibration: Calibration
    verified: Verified
    files: dict[str, FileSum]

    def write(self, folder: Path) -> None:
        """Write manifest.json into `folder`."""
        text = json.dumps(dataclasses.asdict(self), ensure_ascii=False, indent=1, sort_keys=True)
        (folder / NAME).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read manifest.json of `folder`. Raises IndexDamaged or SchemaMismatch."""
        file = folder / NAME
        try:
            content = file.read_bytes()
            schema = json.loads(content)["schema"]
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise IndexDamaged(f"it cannot be read ({error})", REBUILD, where=str(file)) from error
        if schema != SCHEMA:
            raise SchemaMismatch(
                f"the index has layout {schema!r}, this version of Veille reads {SCHEMA}",
                REBUILD,
                where=str(file),
            )
        try:
            return TypeAdapter(cls).validate_json(content, strict=True)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"])
            raise IndexDamaged(f"{field}: {first['msg']}", REBUILD, where=str(file)) from error
