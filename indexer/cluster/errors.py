"""What can be wrong with a cluster."""

from __future__ import annotations

from corpus.errors import VeilleError


class ClusterError(VeilleError):
    """A cluster cannot be started or joined, or one of its machines cannot do its part."""
