"""New generations under load: a real server, real builds, no request that fails."""

from __future__ import annotations

import threading
import time
from collections import Counter
from itertools import count
from pathlib import Path

import httpx
import pytest

from indexer.build import build
from indexer.encoder import Encoder
from indexer.naming import CURRENT, FOLDER
from tests.search_api.serving import running, write_articles

PUBLISHES = 20
WITHIN = 10.0  # two seconds on a machine that has nothing else to do


def metric(url: str, name: str) -> float:
    lines = httpx.get(f"{url}/metrics").text.splitlines()
    return float(next(line for line in lines if line.startswith(f"{name} ")).rsplit(" ", 1)[1])


def served(url: str) -> str:
    return str(httpx.get(f"{url}/health/ready", timeout=60).json()["build"])


def wait_for(url: str, name: str) -> None:
    until = time.monotonic() + WITHIN
    while served(url) != name:
        assert time.monotonic() < until, f"{name} is not served"
        time.sleep(0.05)


def test_twenty_publishes_under_load_fail_no_request(tmp_path: Path, encoder: Encoder) -> None:
    index = tmp_path / "index"
    source = write_articles(tmp_path / "articles.jsonl")
    published = [build([source], index, encoder=encoder, quiet=True).build]
    statuses: Counter[int] = Counter()
    builds: set[str] = set()
    wrong: list[str] = []
    stop = threading.Event()
    number = count()

    def ask(url: str) -> None:
        with httpx.Client(base_url=url, timeout=60) as client:
            while not stop.is_set():
                answer = client.get("/search", params={"q": f"qui menace Microsoft {next(number)}", "k": 1})
                statuses[answer.status_code] += 1
                named = answer.headers["x-veille-build"]
                builds.add(named)
                if answer.json()["build"] != named:
                    wrong.append(named)

    with running(index, tmp_path / "log") as server:
        clients = [threading.Thread(target=ask, args=(server.url,)) for _ in range(4)]
        for client in clients:
            client.start()
        try:
            for each in range(PUBLISHES):
                text = f"Article number {each} about chips and telephones."
                write_articles(source, {"id": f"new-{each}", "text": text, "lang": "en"})
                published.append(build([source], index, encoder=encoder, quiet=True).build)
                wait_for(server.url, published[-1])
        finally:
            stop.set()
            for client in clients:
                client.join()
        assert metric(server.url, 'veille_reloads_total{outcome="failed"}') == 0
        assert metric(server.url, 'veille_reloads_total{outcome="opened"}') == PUBLISHES + 1
    assert set(statuses) == {200}
    assert not wrong
    assert builds <= set(published)
    assert len(builds) > PUBLISHES / 2


def test_what_does_not_open_changes_nothing(tmp_path: Path, encoder: Encoder) -> None:
    index = tmp_path / "index"
    source = write_articles(tmp_path / "articles.jsonl")
    first = build([source], index, encoder=encoder, quiet=True).build
    with running(index, tmp_path / "log") as server:
        write_articles(source, {"id": "more", "text": "More about processors.", "lang": "en"})
        # Damaged before it is named: what a disk, or a copy that was cut short, does to an index.
        broken = "29991231T235959Z-ffff"
        (index / FOLDER / broken).mkdir()
        (index / FOLDER / broken / "manifest.json").write_text("{")
        (index / CURRENT).write_text(f"{broken}\n")
        until = time.monotonic() + WITHIN
        while httpx.get(f"{server.url}/health/ready").json()["newer"] is None:
            assert time.monotonic() < until
            time.sleep(0.1)
        ready = httpx.get(f"{server.url}/health/ready")
        assert ready.status_code == 200
        assert ready.json()["build"] == first
        assert ready.json()["newer"].startswith(f"{broken}: ")
        assert str(tmp_path) not in ready.text
        assert metric(server.url, "veille_reload_failing") == 1
        assert metric(server.url, 'veille_reloads_total{outcome="failed"}') >= 1
        assert httpx.get(f"{server.url}/search?q=Microsoft").headers["x-veille-build"] == first
        (index / CURRENT).write_text(f"{first}\n")
        mended = build([source], index, encoder=encoder, quiet=True).build
        wait_for(server.url, mended)
        assert httpx.get(f"{server.url}/health/ready").json()["newer"] is None
        assert metric(server.url, "veille_reload_failing") == 0


def test_a_generation_of_another_encoder_brings_it_along(
    tmp_path: Path, encoder: Encoder, small_model: pytest.FixtureRequest
) -> None:
    from indexer.encoders import load_encoder

    index = tmp_path / "index"
    source = write_articles(tmp_path / "articles.jsonl")
    build([source], index, encoder=encoder, quiet=True)
    model = small_model(tmp_path / "model", ["musk", "menace", "microsoft", "debian"], {})  # type: ignore[operator]
    with running(index, tmp_path / "log") as server:
        other = build([source], index, encoder=load_encoder(str(model)), quiet=True, fresh=True).build
        until = time.monotonic() + 240  # torch is imported for it
        while served(server.url) != other:
            assert time.monotonic() < until
            time.sleep(0.2)
        assert httpx.get(f"{server.url}/search?q=debian", timeout=60).status_code == 200
