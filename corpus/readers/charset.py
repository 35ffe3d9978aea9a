"""The encoding of a web page, found as browsers find it."""

from __future__ import annotations

import codecs
import re

BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
DECLARED = re.compile(rb"""<(?:meta|\?xml)\b[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{1,40})""", re.I)
DECLARED_WITHIN = 4096
WESTERN = "cp1252"
# Pages that say Latin-1 mean Windows-1252, and one that says in ASCII that it is UTF-16 is not.
MEANT = {"iso8859-1": WESTERN, "ascii": WESTERN, "utf-16": "utf-8", "utf-16-le": "utf-8", "utf-16-be": "utf-8"}
# Python has many more, some of them (punycode, unicode_escape) no encodings of pages.
OF_PAGES = re.compile(
    r"utf-8|gb\w+|big5\w*|euc_\w+|shift_jis\w*|iso2022_jp\w*|cp\d+|iso8859-\d+|koi8-\w|mac-\w+|tis-620"
)


def decoded(content: bytes, said: str | None = None) -> str:
    """Return a page's text: by its byte order mark, by what the server said, by what it says itself, as UTF-8.

    Where all of them fail, by the first that was named, with U+FFFD for what it cannot mean.
    """
    for mark, encoding in BOMS:
        if content.startswith(mark):
            return content.removeprefix(mark).decode(encoding, "replace")
    declared = DECLARED.search(content[:DECLARED_WITHIN])
    names = (said or "", declared[1].decode("latin-1") if declared else "")
    encodings = [known for name in names if (known := _encoding(name))]
    for encoding in (*encodings, "utf-8"):
        try:
            return content.decode(encoding)
        except UnicodeError:
            continue
    return content.decode(encodings[0] if encodings else WESTERN, "replace")


def _encoding(name: str) -> str | None:
    try:
        known = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    known = MEANT.get(known, known)
    return known if OF_PAGES.fullmatch(known) else None
