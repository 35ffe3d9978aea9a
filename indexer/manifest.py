"""What was built, with what, and the checksums of its files: manifest.json of a generation."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from indexer.breadth import Breadth
from indexer.calibration import Calibration
from indexer.encoder import EncoderSpec
from indexer.errors import IndexDamaged, IndexUnreadable, SchemaMismatch
from indexer.left_out import SourceBoilerplate

SCHEMA = 7
PART = 1 << 26
_BLOCK = 1 << 18
NAME = "manifest.json"
REBUILD = "Build it again: veille index SOURCE... --index DIR --fresh"
# The manifest vouches for the other files, and for itself: the SHA-256 of its bytes with zeros in this place.
_OWN_SUM = re.compile(rb'(?<="sha256_of_this": ")[0-9a-f]{64}(?="\n}\n\Z)')
_NO_SUM = "0" * 64


@dataclass(frozen=True, slots=True)
class FileSum:
    """Size in bytes and SHA-256 (hex) of a file, and of its `parts` of 64 MiB each where it is larger than one.

    One after the other, a processor sums up a little more than a gigabyte a second; parts are summed up side by side.
    """

    sha256: str
    bytes: int
    parts: tuple[str, ...] = ()

    @classmethod
    def of(cls, file: Path) -> FileSum:
        """Read the whole file."""
        with file.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
            starts = range(0, size, PART) if size > PART else ()
            return cls(sha256, size, tuple(sum_of(stream.fileno(), start, start + PART) for start in starts))


def sum_of(descriptor: int, start: int, end: int) -> str:
    """Return the SHA-256 (hex) of what lies there in a file, as far as it goes. Raises OSError."""
    found = hashlib.sha256()
    while start < end and (block := os.pread(descriptor, min(end - start, _BLOCK), start)):
        found.update(block)
        start += len(block)
    return found.hexdigest()


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

    `previous` is the build that was served when this one was made, empty for the first. `vector_kind` is FAISS's
    name of how vectors are kept (`vectors_kept`) and found; `vector_breadth` is None where all of them are compared;
    `memory`: how many bytes they were to take at most, 0 for no limit.
    `groups`: how many there are of several articles; `copies` and `translations`: articles in them besides the first.
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
    vectors_kept: str
    memory: int
    vector_breadth: Breadth | None
    neutral_version: int
    words_version: int
    codes_version: int
    calibration_version: int
    boilerplate_version: int
    boilerplate: dict[str, SourceBoilerplate]
    calibration: Calibration
    groups_version: int
    groups: int
    copies: int
    translations: int
    verified: Verified
    files: dict[str, FileSum]

    @property
    def vectors_bytes(self) -> int:
        """How many bytes vectors and sketches take while they are searched."""
        return sum(file.bytes for name, file in self.files.items() if name.startswith("vectors."))

    def write(self, folder: Path) -> None:
        """Write manifest.json into `folder`."""
        (folder / NAME).write_bytes(self.sealed(dict(sorted(dataclasses.asdict(self).items()))))

    @staticmethod
    def sealed(fields: dict[str, Any]) -> bytes:
        """Return fields as the content of a manifest.json that vouches for itself."""
        text = json.dumps(fields | {"sha256_of_this": _NO_SUM}, ensure_ascii=False, indent=1)
        content = f"{text}\n".encode()
        return _OWN_SUM.sub(hashlib.sha256(content).hexdigest().encode(), content)

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read manifest.json of `folder`. Raises IndexDamaged, IndexUnreadable or SchemaMismatch."""
        file = folder / NAME
        try:
            content = file.read_bytes()
            schema = json.loads(content)["schema"]
        except FileNotFoundError as error:
            raise IndexDamaged("it is missing", REBUILD, where=str(file)) from error
        except OSError as error:
            raise IndexUnreadable.at(file, error) from error
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise IndexDamaged(f"it cannot be read ({error})", REBUILD, where=str(file)) from error
        if schema != SCHEMA:
            raise SchemaMismatch(
                f"the index has layout {schema!r}, this version of Veille reads {SCHEMA}",
                REBUILD,
                where=str(file),
            )
        if not _vouches_for_itself(content):
            raise IndexDamaged("its content is not what was published", REBUILD, where=str(file))
        try:
            return TypeAdapter(cls).validate_json(content, strict=True)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"])
            raise IndexDamaged(f"{field}: {first['msg']}", REBUILD, where=str(file)) from error


def _vouches_for_itself(content: bytes) -> bool:
    found = _OWN_SUM.search(content)
    own = found[0].decode() if found else ""
    return own == hashlib.sha256(_OWN_SUM.sub(_NO_SUM.encode(), content)).hexdigest()
