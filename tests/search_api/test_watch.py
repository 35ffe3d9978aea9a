"""`veille watch` and addresses in `veille index`, as real processes against a real server."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from search_api.cli.watch import interval
from tests.website import Page, Website

ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "VEILLE_INDEX"}
RSS = {"Content-Type": "application/rss+xml"}


@pytest.fixture
def site() -> Iterator[Website]:
    with Website() as opened:
        yield opened


def rss(*numbers: int, etag: str = "") -> Page:
    items = "".join(
        f"<item><title>Titre {number}</title><link>/{number}</link><description>Une puce.</description></item>"
        for number in numbers
    )
    return Page(f"<rss version='2.0'><channel><title>J</title>{items}</channel></rss>".encode(), headers=RSS, etag=etag)


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "search_api", *map(str, arguments)]


def veille(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), capture_output=True, text=True, check=False, env=ENVIRONMENT)


def test_two_rounds_with_an_article_in_between_and_sigterm(site: Website, tmp_path: Path) -> None:
    site.pages |= {"/feed": rss(1, etag='"1"'), "/gone": Page(status=404)}
    opml = tmp_path / "feeds.opml"
    opml.write_text(
        f"<opml><body><outline text='x'><outline xmlUrl='{site.url}/feed'/></outline>"
        f"<outline xmlUrl='{site.url}/gone'/></body></opml>"
    )
    options = ["--every", "1s", "--pause", "0", "--private-host", "127.0.0.1", "--index", tmp_path / "i"]
    with subprocess.Popen(
        command("watch", opml, *options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ feeds: 2 read, 0 unchanged, 1 failed, 0 resting; ", first)
        assert "articles: 1 new, 0 changed" in first
        assert f"failed: {site.url}/gone (http-404)" in first
        site.pages["/feed"] = rss(2, 1, etag='"2"')
        while "1 new" not in (line := process.stdout.readline()):
            assert "0 new, 0 changed" in line
            assert "(unchanged)" in line
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 143
        assert process.stderr.read() == "veille: terminated: the index is as the last round left it\n"
    assert re.search(r"articles +2\b", veille("info", "--index", tmp_path / "i").stdout)
    assert veille("verify", "--index", tmp_path / "i").returncode == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_it_ends_at_once_while_a_server_keeps_it_waiting(
    site: Website, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    asked, over = threading.Event(), threading.Event()

    def never(request: object) -> None:
        asked.set()
        over.wait(60)

    site.pages["/feed"] = never
    arguments = command("watch", f"{site.url}/feed", "--allow-private-hosts", "--pause", "0", "--index", tmp_path / "i")
    with subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT) as process:
        assert asked.wait(60)
        process.send_signal(number)
        assert process.wait(timeout=15) == code  # the server would be waited for 20 seconds
        assert process.stderr is not None
        assert "the index is as the last round left it" in process.stderr.read()
    over.set()


def test_one_round_for_cron(site: Website, tmp_path: Path) -> None:
    site.pages["/feed"] = rss(1, etag='"1"')
    arguments = [
        "watch",
        f"{site.url}/feed",
        "--once",
        "--allow-private-hosts",
        "--pause",
        "0",
        "--index",
        tmp_path / "i",
    ]
    assert "1 new" in veille(*arguments).stdout
    second = veille(*arguments)
    assert (second.returncode, second.stdout.count("\n"), second.stderr) == (0, 1, "")
    assert "1 unchanged" in second.stdout
    assert site.seen[-1].headers["if-none-match"] == '"1"'


def test_index_takes_addresses_and_follows(site: Website, tmp_path: Path) -> None:
    text = "Le fabricant annonce une nouvelle puce, deux fois plus rapide que celle de l'an dernier. " * 3
    site.pages |= {
        "/feed": rss(1, 2),
        "/1": Page(
            f"<html><body><article><p>{text}</p></article></body></html>".encode(),
            headers={"Content-Type": "text/html"},
        ),
    }
    options = ["--index", tmp_path / "i", "--pause", "0"]
    refused = veille("index", f"{site.url}/feed", *options)
    assert refused.returncode == 2
    assert "is in a private network. If it is meant, name the host with --private-host" in refused.stderr
    done = veille("index", f"{site.url}/feed", *options, "--follow", "--private-host", "127.0.0.1")
    assert done.returncode == 0
    assert re.search(r"warnings +1 \(page-http-404 1\)", done.stdout)
    found = veille("search", "puce deux fois plus rapide", "--index", tmp_path / "i")
    assert "Titre 1" in found.stdout.splitlines()[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing.opml"], "nothing.opml: it cannot be read (No such file or directory)"),
        (["https://a.example", "--every", "15"], "'15' is no time from 1s to 168h; write it as 30s, 15m or 1h"),
        (["https://a.example", "--every", "0s"], "'0s' is no time"),
        (["https://a.example", "--every", "9999h"], "'9999h' is no time"),
        (["https://a.example", "--proxy", "socks5://a"], "no address of a proxy"),
        ([], "Missing argument 'SOURCE...'"),
    ],
)
def test_mistakes_get_a_message_and_exit_code_2(tmp_path: Path, arguments: list[str], message: str) -> None:
    answer = veille("watch", *arguments, "--index", tmp_path / "i")
    assert answer.returncode == 2
    assert message in re.sub(r"\s+", " ", answer.stderr)
    assert "Traceback" not in answer.stderr


def test_intervals() -> None:
    assert [interval(text) for text in ("1s", "30s", "15m", " 1H ", "168h")] == [1, 30, 900, 3600, 604800]
    for text in ("", "m", "1", "1d", "1.5h", "-1s", "1 s", "0m", "169h", "٣s", "1s\n2s"):
        with pytest.raises(typer.BadParameter):
            interval(text)
