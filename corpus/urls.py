"""When two addresses mean the same page: the canonical form that articles without an id are known by.

It is made for comparing, never shown or fetched. What is thrown away is what no outlet tells two articles apart by;
where that is not sure the addresses stay different, as an article twice does less harm than two under one id. So
`http` and `https` are the same (outlets moved from one to the other, and the old links go on), `www.example.org` and
`example.org` are not.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from urllib.parse import unquote_to_bytes, urlsplit

import idna

_DEFAULT_PORTS: Final = (None, 80, 443)
# What says where a reader came from. Names that some outlets use for more ("ref", "source", "from", "id") are not here.
_TRACKING_PREFIXES: Final = ("utm_", "mtm_", "pk_", "hsa_", "at_custom", "guce_", "stm_")
# fmt: off
_TRACKING: Final = frozenset((
    "fbclid", "gclid", "dclid", "gclsrc", "gbraid", "wbraid", "msclkid", "yclid", "ysclid", "twclid", "ttclid",
    "li_fat_id", "igshid", "igsh", "epik", "scid", "mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "hsctatracking",
    "vero_id", "vero_conv", "oly_anon_id", "oly_enc_id", "ml_subscriber", "ml_subscriber_hash", "_openstat", "s_cid",
    "ocid", "cmpid", "ncid", "ns_mchannel", "ns_source", "ns_campaign", "ns_linkname", "ns_fee", "at_medium",
    "at_campaign", "at_link_id", "at_link_type", "at_link_origin", "at_ptr_name", "at_format", "at_bbc_team", "xtor",
    "wt_mc", "wt_zmc", "wtrid", "ref_src", "ref_url", "cndid", "guccounter", "__twitter_impression", "_ga", "_gl",
))
# fmt: on
_BREAKS: Final = re.compile(r"[\t\r\n]+")
_ESCAPE: Final = re.compile(r"""(?:%[0-9A-Fa-f]{2})+|[^!-~]+|[%"<>\\^`{|}]""")
_UNRESERVED: Final = re.compile(rb"[A-Za-z0-9\-._~]")


@lru_cache(maxsize=4096)
def canonical_url(url: str) -> str:
    """Return the form of `url` that all addresses of the page share.

    Scheme (always https) and host in small letters, the host in its ASCII form (IDNA 2008, UTS 46), without a default
    port, user, password and tracking parameters; the other parameters in the order of their names; percent-encoding,
    dot segments and trailing slashes in one form; no fragment but "#!...". RFC 3986, section 6.2. What is not an
    http(s) address comes back without the white space around it. Never raises.
    """
    url = _BREAKS.sub("", url.strip())
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return url
    if parts.scheme not in {"http", "https"} or not host:
        return url
    name = f"[{host}]" if ":" in host else _ascii(host)
    place = name if port in _DEFAULT_PORTS else f"{name}:{port}"
    query = _query(parts.query)
    fragment = f"#{_escaped(parts.fragment)}" if parts.fragment.startswith("!") else ""
    return f"https://{place}{_path(parts.path)}{'?' if query else ''}{query}{fragment}"


def _ascii(host: str) -> str:
    host = host.rstrip(".")
    if host.isascii():
        return host.lower()
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return host.lower()


def _path(path: str) -> str:
    kept: list[str] = []
    for segment in _escaped(path).split("/")[1:]:
        if segment == "..":
            kept = kept[:-1]
        elif segment != ".":
            kept.append(segment)
    return f"/{'/'.join(kept)}".rstrip("/") or "/"


def _query(query: str) -> str:
    pairs = [pair for pair in _escaped(query).split("&") if pair]
    return "&".join(sorted((p for p in pairs if not _tracks(p)), key=lambda pair: pair.split("=", 1)[0]))


def _tracks(pair: str) -> bool:
    name = pair.split("=", 1)[0].lower()
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)


def _escaped(text: str) -> str:
    """Return `text` with nothing escaped that need not be, and all else in one form (RFC 3986, 6.2.2.2)."""
    return _ESCAPE.sub(_one_form, text)


def _one_form(found: re.Match[str]) -> str:
    text = found[0]
    raw = unquote_to_bytes(text) if text[0] == "%" != text else text.encode("utf-8", "replace")
    return "".join(chr(byte) if _UNRESERVED.match(bytes([byte])) else f"%{byte:02X}" for byte in raw)
