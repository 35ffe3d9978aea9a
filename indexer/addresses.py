"""What is given as --index: a folder, or an address of vectors in Milvus. The one place where it is understood."""

from __future__ import annotations

import os
import re
from os import PathLike
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import platformdirs

from indexer.errors import AddressWrong, IndexMissing, IndexUnwritable
from indexer.milvus.connection import Connection
from indexer.milvus.place import COLLECTION, ENCRYPTED, LITE_COLLECTION, NAME, PLAIN, Place

LITE = "milvus-lite:"
PORT = 19530
COMPANIONS = "VEILLE_COMPANIONS"
_HOST = re.compile(r"[A-Za-z0-9.-]+|[0-9a-f:.]+")
_FORMS = f"Give a folder, {PLAIN}HOST:PORT/COLLECTION (over TLS: {ENCRYPTED}...) or {LITE}FOLDER"


def folder_of(address: str | PathLike[str]) -> Path:
    """Return the folder of the index at an address, for who reads it: of one in Milvus, its companion folder.

    That holds what Milvus does not. Raises AddressWrong, and IndexMissing or IndexUnreachable where vectors are to be
    in Milvus and nothing was built for them here.
    """
    folder, place = _understood(address)
    if place is None:
        return folder
    known = Place.of(folder)
    if known != place:
        _say_what_is_missing(str(address), folder, place, known)
    return folder


def folder_for(address: str | PathLike[str], *, make: bool = True) -> Path:
    """Return the folder of the index at an address, for who builds it; or, without `make`, for who looks what he would.

    Raises AddressWrong or IndexUnwritable; IndexUnreachable where a server that was reached otherwise before, encrypted
    or not, cannot be reached so: whoever serves the index goes on as before.
    """
    folder, place = _understood(address)
    if place is not None and make:
        try:
            place.mark(folder, lambda: Connection(folder, place).reach())
        except OSError as error:
            problem = f"an index cannot be written there ({error.strerror})"
            raise IndexUnwritable(problem, "Choose another folder", where=str(folder)) from error
    return folder


def _understood(address: str | PathLike[str]) -> tuple[Path, Place | None]:
    text = os.fspath(address)
    if text.startswith(LITE):
        return Path(_given(text, text.removeprefix(LITE))), Place(LITE_COLLECTION)
    if not text.startswith((PLAIN, ENCRYPTED)):
        return Path(text), None
    try:
        found = urlsplit(text)
        host, port = found.hostname or "", found.port or PORT
    except ValueError as error:
        raise AddressWrong(f"{text!r} is no address ({error})", _FORMS) from error
    if found.username or found.password or found.query or found.fragment:
        raise AddressWrong(f"{text!r} may hold a host, a port and a collection, and nothing else", _FORMS)
    collection = found.path.removeprefix("/")
    if not _HOST.fullmatch(host) or not COLLECTION.fullmatch(collection):
        problem = f"{text!r} names no host, or no collection of letters, digits and underscores"
        raise AddressWrong(problem, _FORMS)
    base = os.environ.get(COMPANIONS) or platformdirs.user_data_path("veille") / "companions"
    server = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return Path(base) / f"{host}_{port}" / collection, Place(collection, server, text.startswith(ENCRYPTED))


def _given(text: str, path: str) -> str:
    if not path:
        raise AddressWrong(f"{text!r} names no folder", _FORMS)
    return path


def _say_what_is_missing(address: str, folder: Path, place: Place, known: Place | None) -> NoReturn:
    """Raise what keeps an index in Milvus from being read here, where the folder is that of the one `known`."""
    if known and place.reaches_the_same_as(known):
        # Nobody is to speak to a server in the open who asked for the opposite, nor find out by a timeout.
        problem = f"the index there was made over {known}"
        raise AddressWrong(problem, "Give that address, or index once more with this one", where=address)
    if folder.exists():
        raise AddressWrong("the folder is that of another index", f"Look into {folder / NAME}", where=address)
    if place.server:
        from indexer.milvus.store import MilvusStore

        store = MilvusStore(folder, place)
        raise store.absent(store.served())
    raise IndexMissing("there is no index", f"Build one: veille index SOURCE... --index {address}", where=address)
