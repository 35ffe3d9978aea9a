"""What can be wrong with an index, each with the command that mends it."""

from __future__ import annotations

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


class IndexBusy(IndexProblem):
    """Another process is building in the folder."""


class VerificationFailed(IndexProblem):
    """What was built is not what it should be, or does not answer what it must: it is not served."""


class IndexUnwritable(IndexProblem):
    """The folder cannot be written, or is not one that an index may be put in."""


class NoRoom(IndexUnwritable):
    """The disk has less room than a build needs."""
