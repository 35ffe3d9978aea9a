"""OPML (http://opml.org/spec2.opml): the lists of feeds that feed readers export."""

from __future__ import annotations

from xml.parsers import expat  # entities are refused below, and expat opens nothing by itself

from corpus.errors import SourceError

LARGEST = 20_000_000


def feeds(content: bytes, where: str) -> list[str]:
    """Return the address of each feed once, in the order of the list, however deep its outlines nest.

    Raises SourceError, kind "opml", where this is no OPML or names no feed.
    """
    if len(content) > LARGEST:
        raise _unreadable(f"it has more than {LARGEST:,} bytes", where)
    addresses: dict[str, None] = {}
    elements: list[str] = []

    def begin(name: str, attributes: dict[str, str]) -> None:
        elements.append(name.lower())
        if elements[0] != "opml":
            raise _unreadable(f"it is {name[:40]!r}, not OPML", where)
        if elements[-1] == "outline":
            named = {key.lower(): value.strip() for key, value in attributes.items()}
            if address := named.get("xmlurl"):
                addresses.setdefault(_as_http(address))

    def end(_: str) -> None:
        # The root stays: it says what the rest is.
        if len(elements) > 1:
            elements.pop()

    def entity(*_: object) -> None:
        raise _unreadable("it declares entities, which no list of feeds needs", where)

    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.EntityDeclHandler = entity
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise _unreadable(str(error), where) from error
    if not addresses:
        raise SourceError("it names no feed", "Give outlines with the attribute xmlUrl", where=where, kind="opml")
    return list(addresses)


def _as_http(address: str) -> str:
    """Return the address; browsers' "feed:" stands before one, or for "http:"."""
    if not address.lower().startswith("feed:"):
        return address
    rest = address[len("feed:") :]
    return rest if rest.lower().startswith("http") else f"http:{rest}"


def _unreadable(reason: str, where: str) -> SourceError:
    return SourceError(f"it cannot be read as OPML: {reason}", "Export the list anew", where=where, kind="opml")
