"""Reading addresses of the web. The only room of Veille that opens a connection to somewhere else."""

from corpus.fetching.errors import FetchError
from corpus.fetching.fetcher import Fetched, Fetcher, Validators
from corpus.fetching.options import FetchOptions

__all__ = ["FetchError", "FetchOptions", "Fetched", "Fetcher", "Validators"]
