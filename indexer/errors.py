"""What can be wrong with an index, each with the command that mends it."""

from __future__ import annotations

from pathlib import Path

from corpus.errors import VeilleError


class IndexProblem(VeilleError):
    """Something is wrong with an index."""


class IndexMissing(IndexProblem):
    """There is no published index in the folder."""


class IndexDamaged(IndexProblem):
    """A file of the index is missing, truncated or not the one that was published."""


class IndexUnreadable(IndexProblem):
    """The system does not let us read a file of the index: for want of a permission, or because a disk fails."""

    @classmethod
    def at(cls, file: Path, error: OSError) -> IndexUnreadable:
        """Return what to tell the user about `error`."""
        remedy = "Look at the permissions of the index, and at the disk"
        return cls(f"it cannot be read ({error.strerror or error})", remedy, where=str(file))


class SchemaMismatch(IndexProblem):
    """The index was written by a version of Veille that lays it out in another way."""


class EncoderMismatch(IndexProblem):
    """The index was built with another encoder than the one that would read the question."""


class ArticleUnknown(IndexProblem):
    """The index does not hold an article that it was to take out."""


class ArticlesRemoved(IndexProblem):
    """A generation holds articles that were taken out for good since: to serve it would bring them back."""


class IndexBusy(IndexProblem):
    """Another process is building in the folder."""


class VerificationFailed(IndexProblem):
    """What was built is not what it should be, or does not answer what it must: it is not served."""


class IndexUnwritable(IndexProblem):
    """The folder cannot be written, or is not one that an index may be put in."""


class TooLittleMemory(IndexProblem):
    """Vectors take more memory than they may, however they are kept."""


class IndexUnreachable(IndexProblem):
    """What holds the vectors of the index does not answer, or not as it must."""


class AddressWrong(IndexProblem):
    """An index's address cannot be understood, or leads to another index than is there."""


class NoRoom(IndexUnwritable):
    """The disk has less room than a build needs."""
