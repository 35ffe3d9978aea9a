"""Identifying languages, and the codes that mean the same."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.languages import identify, is_known, known_languages, normalise

TEXTS = {
    "en": "The new release of the compiler fixes several security problems that were reported last week.",
    "fr": "La nouvelle version du noyau corrige plusieurs failles de sécurité signalées la semaine dernière.",
    "de": "Die neue Fassung des Kerns behebt mehrere Sicherheitslücken, die letzte Woche gemeldet wurden.",
    "es": "La nueva versión del núcleo corrige varios fallos de seguridad notificados la semana pasada.",
    "it": "La nuova versione del kernel corregge diverse falle di sicurezza segnalate la settimana scorsa.",
    "pt": "A nova versão do núcleo corrige várias falhas de segurança que não tinham sido corrigidas antes.",
    "pl": "Nowa wersja jądra naprawia kilka błędów bezpieczeństwa zgłoszonych w zeszłym tygodniu.",
    "ru": "Новая версия ядра исправляет несколько уязвимостей, о которых сообщили на прошлой неделе.",
    "uk": "Нова версія ядра виправляє кілька вразливостей, про які повідомили минулого тижня.",
    "ja": "新しい版のカーネルは、先週報告された複数の脆弱性を修正しています。",
    "zh": "新版本的内核修复了上周报告的多个安全漏洞，建议所有用户尽快升级。",
    "ko": "새 버전의 커널은 지난주에 보고된 여러 보안 취약점을 수정했습니다.",
    "ar": "يصلح الإصدار الجديد من النواة عدة ثغرات أمنية تم الإبلاغ عنها الأسبوع الماضي.",
    "no": "Den nye versjonen av kjernen retter flere sikkerhetshull som ble meldt inn forrige uke.",
}

HOSTILE = {
    "empty": "",
    "space": " \n\t\u3000" * 1000,
    "nul": "\x00" * 1000,
    "lone surrogates": "\ud800\udfff" * 1000,
    "emoji": "😀🎉👩‍👩‍👧" * 1000,
    "digits": "1234 5678, 9.10",
    "one letter": "a",
    "replacement": "\ufffd" * 100,
    "unassigned": "\U000e0fff\uffff" * 100,
    "addresses": "https://example.org/das/ist/eine/seite www.beispiel.example/und/noch/eine",
}


@pytest.mark.parametrize("lang", TEXTS)
def test_common_languages(lang: str) -> None:
    assert identify(TEXTS[lang]) == lang


@pytest.mark.parametrize("name", HOSTILE)
def test_what_has_no_language_is_undetermined(name: str) -> None:
    assert identify(HOSTILE[name]) == "und"


def test_noise_around_a_text_does_not_hide_it() -> None:
    noise = "\x00\ud800 https://example.org/a/b/c\n"
    assert identify(noise * 20 + TEXTS["fr"]) == "fr"


def test_unsure_is_undetermined() -> None:
    assert identify("asdf qwer zxcv") == "und"


@pytest.mark.timeout(20)
def test_a_long_text_is_read_only_at_its_beginning() -> None:
    assert identify(TEXTS["de"] * 12 + TEXTS["ru"] * 12_000) == "de"
    assert identify("x" * 1_000_000) == "und"


def test_many_threads_share_one_identifier() -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(identify, [*TEXTS.values()] * 10))
    assert answers == [*TEXTS] * 10


@settings(deadline=None, max_examples=200)
@given(st.text(st.characters(codec=None), max_size=300))
def test_any_text_has_an_answer(text: str) -> None:
    assert identify(text) in known_languages()


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("pt-BR", "pt"),
        ("zh_CN", "zh"),
        ("zh-Hant-TW", "zh"),
        ("cmn", "zh"),
        ("yue", "zh"),
        ("FRA", "fr"),
        ("fre", "fr"),
        ("ger", "de"),
        (" en ", "en"),
        ("EN", "en"),
        ("iw", "he"),
        ("in", "id"),
        ("sh", "sr"),
        ("mo", "ro"),
        ("fil", "tl"),
        ("no", "no"),
        ("nb", "no"),
        ("nn-NO", "no"),
        ("gsw", "und"),
        ("und", "und"),
        ("xx", "und"),
        ("zxx", "und"),
        ("", "und"),
        ("français", "und"),
        ("english", "und"),
        ("a\x00b", "und"),
        ("\ud800", "und"),
        ("en-" * 10_000, "und"),
    ],
)
def test_normalise(tag: str, code: str) -> None:
    assert normalise(tag) == code


@settings(deadline=None, max_examples=200)
@given(st.one_of(st.text(max_size=80), st.from_regex(r"[A-Za-z]{1,9}([-_][A-Za-z0-9]{1,8}){0,3}", fullmatch=True)))
def test_any_tag_has_an_answer(tag: str) -> None:
    code = normalise(tag)
    assert code in known_languages()
    assert normalise(code) == code


def test_every_known_language_stands_for_itself() -> None:
    assert {normalise(code) for code in known_languages()} == known_languages()
    assert all(map(is_known, known_languages()))
    assert {*TEXTS, "und"} <= known_languages()


@pytest.mark.parametrize("code", ["fr", "FR", "fra", "no", "nb", "iw", "gsw", "und"])
def test_known(code: str) -> None:
    assert is_known(code)


@pytest.mark.parametrize("code", ["", "f", "xx", "zz", "qaa", "zxx", "mul", "pt-BR", "french", "f\x00", "\ud800", "ﬁ"])
def test_not_known(code: str) -> None:
    assert not is_known(code)
