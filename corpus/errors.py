"""The errors a user can cause and mend, shared by the three rooms."""

from __future__ import annotations


class VeilleError(Exception):
    """Something a user can put right: what was wrong, where, and what to do about it."""

    def __init__(self, problem: str, remedy: str = "", *, where: str = "") -> None:
        """Keep the three parts apart, so that each outlet can lay them out in its own way."""
        self.problem = problem
        self.remedy = remedy
        self.where = where
        super().__init__(problem, remedy, where)

    def __str__(self) -> str:
        """Return "where: problem. remedy"."""
        place = f"{self.where}: " if self.where else ""
        remedy = f". {self.remedy}" if self.remedy else ""
        return f"{place}{self.problem}{remedy}"


class SourceError(VeilleError):
    """A file or folder of articles that cannot be read, or a record in it.

    `kind` names the trouble in one word, so that a report can count them: missing-file, encoding, json,
    not-an-object, no-text, date, front-matter, duplicate-id, ...
    """

    def __init__(self, problem: str, remedy: str = "", *, where: str = "", kind: str) -> None:
        """See VeilleError."""
        super().__init__(problem, remedy, where=where)
        self.kind = kind
