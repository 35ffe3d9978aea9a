"""What can be wrong with an index, each with the command that mends it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corpus.errors import VeilleError


class IndexProblem(VeilleError):
    """Something is wrong with an index."""


class IndexMissing(IndexProblem):
    """There is no published index in the folder."""


class IndexDamaged(IndexProblem):
    """A file of the index is missing, truncated or not the one that was published."""


class SchemaMismatch(IndexProblem):
    """The index was written by a version of Veille that lays it out in another way."""


class EncoderMismatch(IndexProblem):
    """The index was built with another encoder than the one that would read the question."""


class ArticleUnknown(IndexProblem):
    """The index does not hold an article that it was to take out."""


class IndexBusy(IndexProblem):
    """Another process is building in the folder."""


class VerificationFailed(IndexProblem):
    """What was built is not what it should be, or does not answer what it must: it is not served."""


class IndexUnwritable(IndexProblem):
    """The folder cannot be written, or is not one that an index may be put in."""


class NoRoom(IndexUnwritable):
    """The disk has less room than a build needs."""


@contextmanager
def writing(index_dir: Path) -> Iterator[None]:
    """Turn what the system refuses into IndexUnwritable, where files are replaced in one step each."""
    try:
        yield
    except OSError as error:
        raise IndexUnwritable(
            f"writing failed ({error.strerror or error})",
            "Free some space or allow writing, and give the same command again",
            where=str(index_dir),
        ) from error
