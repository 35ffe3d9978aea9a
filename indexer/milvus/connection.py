"""A connection to Milvus, one for each server and process; what goes wrong there becomes an error with a remedy."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.errors import AddressWrong, IndexUnreachable
from indexer.milvus.place import LITE_FILE, Place

if TYPE_CHECKING:
    from pymilvus import MilvusClient

TOKEN = "VEILLE_MILVUS_TOKEN"  # noqa: S105  # the name of the variable
# Names a file of certificates (PEM) that vouch for the server, where those that the system trusts do not.
AUTHORITY = "VEILLE_MILVUS_CA"
# Seconds: a server that is there answers at once, one that is not is tried again until they are over.
SOON, LONG = 5.0, 600.0
_SHOWN = 300


class Connection:
    """Asks one Milvus. Threads may share it."""

    def __init__(self, index_dir: Path, place: Place) -> None:
        """Connect when first asked. Raises AddressWrong where what is needed for that is not there."""
        self.place = place
        needed = ("pymilvus",) if place.server else ("pymilvus", "milvus_lite")
        for module in needed:
            if find_spec(module) is None:
                raise AddressWrong(f"{module} is not installed", 'Install it: pip install "veille[milvus]"')
        self.where = str(place) if place.server else str(index_dir)
        self._uri = str((index_dir / LITE_FILE).resolve())
        self._token = self._authority = ""
        if place.server:
            self._uri = f"{'https' if place.encrypted else 'http'}://{place.server}"
            self._token = os.environ.get(TOKEN, "")
        if place.encrypted:
            self._authority = _authority()

    def reach(self) -> None:
        """See whether the server answers. Raises IndexUnreachable."""
        with self.asking() as client:
            client.list_collections(timeout=SOON)

    @contextmanager
    def asking(self) -> Iterator[MilvusClient]:
        """Give the client. Raises IndexUnreachable for what is wrong with the server or its answer."""
        from pymilvus.exceptions import MilvusException

        try:
            yield _client(self._uri, self._token, self._authority)
        except MilvusException as error:
            said = " ".join(str(error.message).split())[:_SHOWN]
            raise IndexUnreachable(f"Milvus: {said}", self._remedy(), where=self.where) from error

    def _remedy(self) -> str:
        if self.place.encrypted:
            return (
                f"Look whether the server is up, at this address, and speaks TLS with a certificate for that name; one "
                f"of an authority of your own needs {AUTHORITY}; a user and password go into {TOKEN}"
            )
        if self.place.server:
            return f"Look whether the server is up and at this address; a user and password go into {TOKEN}"
        return "Only one process at a time can open milvus-lite: end the other one, or use a server"


def _authority() -> str:
    """Return the file of certificates to trust, "" for the system's. Raises AddressWrong where it cannot be read."""
    file = os.environ.get(AUTHORITY, "")
    try:
        if file:
            Path(file).read_bytes()
    except OSError as error:
        problem = f"the certificates cannot be read ({error.strerror})"
        raise AddressWrong(problem, f"Name a file in PEM with {AUTHORITY}", where=file) from error
    return file


@cache
def _client(uri: str, token: str, authority: str) -> MilvusClient:
    """Return the connection of this process. Raises MilvusException."""
    from pymilvus import MilvusClient

    # It logs every error with its traceback before it raises it.
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL + 1)
    trusted = {"server_pem_path": authority} if authority else {}
    # Dedicated: those that are shared are told apart by address and token alone, so one that is not encrypted might be
    # given for one that is.
    return MilvusClient(uri=uri, token=token, timeout=SOON, dedicated=True, **trusted)
