"""Every grammar can be used, and keeps to itself what the test of roles is about."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from training import grammar
from training.grammar import Grammar, GrammarError, expanded, filled, languages
from training.roles import KEPT_VERBS


def test_there_are_enough_languages() -> None:
    assert len(languages()) >= 12


@pytest.mark.parametrize("language", languages())
def test_a_grammar_has_enough_of_everything(language: str) -> None:
    found = Grammar.read(language)
    assert found.language == language
    assert len(found.verbs) >= 40
    assert set(KEPT_VERBS) < set(found.verbs)
    assert min(len(found.names), len(set(found.names))) >= 60
    assert min(len(found.before), len(found.after)) >= 12
    assert {name.split("_")[0] for name in found.statements} == {"active", "passive", "noun"}
    assert {name.split("_")[0] for name in found.questions} == {"agent", "patient", "both"}


def test_verbs_of_the_test_are_in_no_grammar() -> None:
    kept = r"boycot|blackmail|sabotag|bail(ed|s)? out|brib|ridicul|undercut|subpoena|humiliat|outbid"
    for language in languages():
        text = (grammar.FOLDER / f"{language}.toml").read_text(encoding="utf-8")
        assert not re.search(kept, text, re.IGNORECASE), language


def test_every_fault_of_a_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "xx.toml").write_text(
        'language = "xx"\nnames = ["Arm", "Arm"]\nbefore = []\nafter = []\n'
        '[statements]\nactive_plain = "{A} {past}."\nsung_plain = "{A} {past}."\n'
        '[questions]\nagent_1 = "who {past}"\npatient_1 = "whom {missing}"\n'
        '[verbs.sue]\npast = "sued {P}"\n[verbs.buy]\npast = "bought"\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(grammar, "FOLDER", tmp_path)
    with pytest.raises(GrammarError) as told:
        Grammar.read("xx")
    for part in ("'Arm' stands there 2 times", "sung_plain: the voice", "buy, active_plain", "sue, patient_1: holds"):
        assert part in str(told.value)


def test_names_and_phrases_are_put_in() -> None:
    template = expanded("yesterday {A} {past}.", {"past": "sued {P}"})
    assert template == "yesterday {A} sued {P}."
    assert filled(template, {"{A}": "iRobot", "{P}": "eBay"}) == "Yesterday iRobot sued eBay."
    assert filled("{A} sued {P}.", {"{A}": "iRobot", "{P}": "eBay"}) == "iRobot sued eBay."
