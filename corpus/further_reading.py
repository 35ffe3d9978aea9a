"""Lines that send the reader to another article: "Lire aussi : ...", "Read more: ..."."""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 200
"""Code points of a line that is but a link; what is longer says something of its own."""

# Nothing else is said with these words at the beginning of a line.
_CLEAR: Final = (
    "à lire aussi|lire aussi|à lire également|lire également|a lire aussi|à voir aussi",
    "read also|also read|you may also like|you might also like|you may also be interested in",
    "lesen sie auch|lesen sie mehr|lies auch|mehr zum thema|auch interessant|das könnte sie auch interessieren",
    "lea también|lee también|lea además|te puede interesar|le puede interesar",
    "leggi anche|leggi pure|potrebbe interessarti",
    "leia também|leia mais|veja também|saiba mais",
    "lees ook|lees verder|läs också|läs även|läs mer|les også|læs også|læs mere|lue myös|lue lisää",
    "czytaj też|czytaj także|czytaj również|przeczytaj także|zobacz też|zobacz także",
    "čtěte také|přečtěte si také|čítajte aj|prečítajte si aj|citește și|vezi și|olvassa el|olvasd el",
    "читайте также|читать также|см. также|читайте також|читайте ще|прочетете още|вижте също|čitajte i|pročitajte i",
    "διαβάστε επίσης|διαβάστε ακόμη|δείτε επίσης|ayrıca okuyun|bunu da okuyun|ilgili haberler",
    "baca juga|lihat juga|đọc thêm|xem thêm|xem tiếp|اقرأ أيضا|اقرأ أيضًا|اقرأ المزيد|بیشتر بخوانید|קראו גם",
    "関連記事|あわせて読みたい|合わせて読みたい|関連ニュース|相关阅读|延伸阅读|相关报道|相關閱讀|延伸閱讀|相關報導",
    "관련 기사|관련기사|함께 읽기",
)
# These begin sentences as well: they count where a colon, a bar, a dash or the end of the line follows.
_UNCLEAR: Final = (
    "see also|read more|read more here|more on this story|related|related articles|related stories|related news",
    "voir aussi|en savoir plus|sur le même sujet|siehe auch|mehr dazu|ver también|más información|vedi anche",
    "ver também|zie ook|se också|se även|se også|katso myös|viz také|pozri aj|смотрите также|дивіться також",
)
_OPENING: Final = re.compile(
    rf"[\W_]{{0,8}}(?:({'|'.join(_CLEAR)})(?!\w)|({'|'.join(_UNCLEAR)})(?=\s{{0,3}}(?:[:：|→»>–—-]|\Z)))",
    re.IGNORECASE,
)


def opening(line: str) -> str | None:
    """Return the words that announce another article, in small letters, or None where `line` does not."""
    if len(line) > LONGEST:
        return None
    found = _OPENING.match(line)
    return (found[1] or found[2]).casefold() if found else None
