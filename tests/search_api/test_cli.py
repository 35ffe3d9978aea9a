"""The command line as a user meets it: output, exit codes, messages."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "VEILLE_INDEX"}


def veille(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "search_api", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=ENVIRONMENT | environment)


def on_a_terminal(*arguments: str | Path, **environment: str) -> str:
    """Return what `veille` writes where its stdout is a terminal."""
    reader, writer = pty.openpty()
    command = [sys.executable, "-m", "search_api", *map(str, arguments)]
    with os.fdopen(reader, "rb", buffering=0) as terminal:
        with subprocess.Popen(command, stdout=writer, env=ENVIRONMENT | {"TERM": "xterm"} | environment) as process:
            os.close(writer)
            shown = b""
            # Linux says EIO, not end of file, once nobody has the other side open.
            with contextlib.suppress(OSError):
                while piece := terminal.read(65536):
                    shown += piece
        assert process.returncode == 0
    return shown.decode()


def test_search_prints_hits(sample_index: Path) -> None:
    answer = veille("search", "qui menace Microsoft", "--index", sample_index, "-k", "2")
    assert answer.returncode == 0
    assert answer.stdout.startswith(" 1. The Verge (réécriture française)")
    assert "% sure · 2023-04-20 · fr · The Verge (réécriture française)" in answer.stdout
    assert "seems to answer" not in answer.stdout
    assert "menace d’intenter une action en justice" in " ".join(answer.stdout.split())
    assert answer.stderr == ""
    assert "\n    → Elon Musk menace d’intenter une action en justice contre Microsoft" in answer.stdout
    assert "\x1b" not in answer.stdout


def test_a_terminal_gets_the_sentence_in_bold_unless_it_wants_no_colour(sample_index: Path) -> None:
    for no_colour in ("", "1"):
        shown = on_a_terminal("search", "qui menace Microsoft", "--index", sample_index, "-k", "1", NO_COLOR=no_colour)
        assert ("\x1b[1mElon Musk menace" in shown) == (not no_colour)
        assert ("→ Elon Musk menace" in shown) == bool(no_colour)


def test_search_prints_json_and_takes_the_index_from_the_environment(sample_index: Path) -> None:
    answer = veille(
        "search", "Debian", "--json", "--lang", "fr", "--lang", "en", "-k", "3", VEILLE_INDEX=str(sample_index)
    )
    data = json.loads(answer.stdout)
    assert set(data) == {"query", "hits", "answered", "absent", "build", "seconds", "notes"}
    assert len(data["hits"]) == 3
    assert {hit["lang"] for hit in data["hits"]} <= {"fr", "en"}


def test_index_twice_and_info_and_verify(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.md").write_text("---\nlang: fr\ndate: 2024-05-01\n---\n# Puce\n\nUne nouvelle puce.\n")
    first = veille("index", tmp_path / "notes", "--index", tmp_path / "i")
    assert first.returncode == 0
    assert re.search(r"reused +0\nembedded +1\nremoved +0\n", first.stdout)
    assert "\r" not in first.stderr  # no progress where nobody looks
    second = veille("index", tmp_path / "notes", "--index", tmp_path / "i", "--quiet")
    assert re.search(r"reused +1\nembedded +0\nremoved +0\n", second.stdout)
    info = veille("info", "--index", tmp_path / "i")
    assert re.search(r"languages +fr 1\b", info.stdout)
    assert json.loads(veille("info", "--index", tmp_path / "i", "--json").stdout)["articles"] == 1
    verified = veille("verify", "--index", tmp_path / "i")
    assert verified.returncode == 0
    (folder,) = (tmp_path / "i" / "generations").iterdir()
    # A line for the manifest and each other file, one for SQLite, one for the counts, one for the sample.
    assert len(verified.stdout.splitlines()) == len(list(folder.iterdir())) + 3


def test_boilerplate_is_reported_unless_it_is_kept(tmp_path: Path) -> None:
    about = "The Example is a paper for readers who want to know what happened in their town last week."
    towns = ("Lyon", "Porto", "Turku", "Ghent", "Malaga", "Bergen")
    records = (
        {
            "id": town,
            "text": f"In {town} the bridge is open.\n\nRead also: Fair in {town}\n\n{about}",
            "source": "Example",
        }
        for town in towns
    )
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(record | {"lang": "en"}) + "\n" for record in records))
    command = ("index", tmp_path / "a.jsonl", "--index", tmp_path / "i", "--quiet")
    assert "\nboilerplate Example 1 paragraph in 6 articles\n" in veille(*command).stdout
    said = veille("info", "--index", tmp_path / "i").stdout
    assert "\nboilerplate Example 1 paragraph in 6 articles\n                6 articles (en): read also\n" in said
    found = json.loads(veille("info", "--index", tmp_path / "i", "--json").stdout)["boilerplate"]
    assert found["Example"]["most"] == [{"begins": "read also", "lang": "en", "articles": 6}]
    assert "boilerplate" not in veille(*command, "--keep-boilerplate").stdout
    assert "\nboilerplate embedded as well (--keep-boilerplate)\n" in veille("info", "--index", tmp_path / "i").stdout


def test_skipped_records_are_listed(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "Une phrase."}\nbad\n{}\n' + "worse\n" * 10)
    stopped = veille("index", tmp_path / "a.jsonl", "--index", tmp_path / "i")
    assert stopped.returncode == 2
    assert f"{tmp_path}/a.jsonl:2: it is not JSON" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    skipped = veille("index", tmp_path / "a.jsonl", "--index", tmp_path / "i", "--on-error", "skip")
    assert skipped.returncode == 0
    assert re.search(r"skipped +12 \(json 11, no-text 1\)", skipped.stdout)
    assert skipped.stdout.count("a.jsonl:") == 10


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["search", "x", "--index", "nowhere"], "veille index SOURCE... --index nowhere"),
        (["search", "x", "-k", "0", "--index", "INDEX"], "Invalid value for '-k'"),
        (["search", "x", "-k", "10000", "--index", "INDEX"], "less than or equal to 100"),
        (["search", "  ", "--index", "INDEX"], "empty"),
        (["search", "x", "--lang", "xx", "--index", "INDEX"], "'xx' is no language"),
        (["coverage", "x", "--since", "soon", "--index", "INDEX"], "since is 'soon', which is no date"),
        (["coverage", "x", "--by", "year", "--index", "INDEX"], "Invalid value for '--by'"),
        (["search", "x", "--since", "2024-02-01", "--until", "2024-01-01", "--index", "INDEX"], "is after"),
        (["search", "x", "--model", "no/where", "--index", "INDEX"], "cannot be loaded"),
        (["index", "nothing.jsonl", "--index", "NEW"], "nothing.jsonl: there is no such file"),
        (["info", "--index", "nowhere"], "there is no index"),
        (["verify", "--index", "nowhere"], "there is no index"),
        (["serve", "--index", "nowhere"], "there is no index"),
        (["generations", "--index", "nowhere"], "there is no index"),
        (["rollback", "--index", "nowhere"], "there is no index"),
        (["rollback", "2020", "--index", "INDEX"], "it keeps no generation '2020'. Kept are "),
        (["index", "nothing.jsonl", "--index", "NEW", "--canary", "none.tsv"], "none.tsv: canaries cannot be read"),
        (["index", "nothing.jsonl", "--index", "NEW", "--wait", "soon"], "'soon' is no length of time"),
        (["index", "nothing.jsonl", "--index", "NEW", "--keep", "0"], "Invalid value for '--keep'"),
        (["verify", "--index", "INDEX", "--canary", "none.tsv"], "none.tsv: canaries cannot be read"),
        (["search", "x"], "--index"),
    ],
)
def test_mistakes_get_a_message_and_exit_code_2(
    sample_index: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    places = {"INDEX": str(sample_index), "NEW": str(tmp_path / "new")}
    answer = veille(*(places.get(argument, argument) for argument in arguments), HF_HUB_OFFLINE="1")
    assert answer.returncode == 2
    assert message in re.sub(r"\s+", " ", answer.stderr)
    assert "Traceback" not in answer.stderr


def test_a_lean_index_keeps_no_codes(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "Une phrase. Une autre phrase.", "lang": "fr"}\n')
    for options, files, shown in ((["--lean"], 0, "not kept (--lean)"), ([], 3, "kept as codes")):
        made = veille("index", tmp_path / "a.jsonl", "--index", tmp_path / "i", *options)
        assert made.returncode == 0
        assert re.search(r"embedded +1\n", made.stdout)
        found = json.loads(veille("info", "--index", tmp_path / "i", "--json").stdout)
        assert found["lean"] is bool(options)
        assert sum(name.startswith("tokens.") for name in found["bytes"]) == files
        said = veille("info", "--index", tmp_path / "i").stdout
        assert f"\ntokens     {shown}\n" in said


@pytest.mark.parametrize(
    "command",
    [
        "index",
        "watch",
        "search",
        "coverage",
        "serve",
        "info",
        "verify",
        "generations",
        "rollback",
        "remove",
        "cache prune",
    ],
)
def test_help_has_an_example(command: str) -> None:
    answer = veille(*command.split(), "--help")
    assert answer.returncode == 0
    assert f"Example: veille {command}" in re.sub(r"\s+", " ", answer.stdout)


def test_a_reader_that_goes_away(sample_index: Path) -> None:
    command = f"{sys.executable} -m search_api search Debian -k 100 --index {sample_index} | head -n 1"
    answer = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True, env=ENVIRONMENT)
    assert answer.stderr == ""


def test_where_nothing_answers_it_says_so_and_shows_the_nearest(sample_index: Path) -> None:
    answer = veille("search", "how to cook rice", "--index", sample_index, "-k", "2")
    assert answer.returncode == 0
    assert answer.stdout.startswith("Nothing in this index seems to answer. What comes nearest:\n")
    assert "2 articles" in answer.stdout
    told = json.loads(veille("search", "how to cook rice", "--index", sample_index, "-k", "1", "--json").stdout)
    assert told["answered"] is False
    assert 0 < told["hits"][0]["confidence"] < 0.5


def test_what_no_passage_holds_is_named(sample_index: Path) -> None:
    answer = veille("search", "Que sait-on de CVE-2021-44228 ?", "--index", sample_index, "-k", "2")
    assert answer.returncode == 0
    assert answer.stdout.startswith("Nothing in this index names CVE-2021-44228. What comes nearest:\n")


def test_generations_and_back_to_one(own_index: Path, tmp_path: Path) -> None:
    listed = veille("generations", "--index", own_index)
    served, before = (line.split() for line in listed.stdout.splitlines()[1:])
    assert (served[2], served[-1], before[2], before[-1]) == ("5", "served", "3", "bundled")
    back = veille("rollback", "--index", own_index)
    assert back.returncode == 0
    assert back.stdout.startswith(f"{before[0]} is served now (made {before[1]}, 3 articles, ")
    assert f"veille rollback {served[0]}" in back.stdout
    found = json.loads(veille("generations", "--index", own_index, "--json").stdout)
    assert [(one["name"], one["served"], one["rolled_back"]) for one in found] == [
        (before[0], True, False),
        (served[0], False, True),
    ]
    (tmp_path / "c.tsv").write_text("qui menace Microsoft\tnowhere\n")
    failed = veille("verify", "--index", own_index, "--canary", tmp_path / "c.tsv")
    assert failed.returncode == 2
    assert "the canary failed" in failed.stderr
