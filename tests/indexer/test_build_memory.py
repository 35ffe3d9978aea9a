"""A build reads and writes a corpus piece by piece: however much text there is, it holds a part of it."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

# Vectors are drawn, as what an encoder needs would hide what the build does; a token is a hundred characters, so that
# an article is one passage and there is more text than anything that is kept of it.
BUILD = """
import hashlib, sys
from pathlib import Path
import numpy as np
from indexer.build import build
from indexer.encoder import EncoderSpec

class Drawn:
    spec = EncoderSpec("drawn", "1", 64, "", "", 512, "f" * 32)

    def encode_passages(self, texts, progress=None):
        seeds = (int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little") for text in texts)
        drawn = np.stack([np.random.default_rng(seed).normal(size=64).astype(np.float32) for seed in seeds])
        return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)

    encode_queries = encode_passages

    def count_tokens(self, texts):
        return [len(text) // 100 for text in texts]

print(build([Path(sys.argv[1])], Path(sys.argv[2]), encoder=Drawn(), quiet=True).articles)
print(next(int(line.split()[1]) << 10 for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""
# More than a build embeds at once, and than it holds for comparing articles; how full these are when a build ends makes
# some 12 MB more or less, so much text is to come on top.
FEW, MANY = 3_500, 8_000


def written(file: Path, count: int) -> int:
    """Write so many articles of some 5 KB, and return how many bytes they have."""
    drawn = random.Random(count)
    words = ["".join(drawn.choices("abcdefghijklmnop", k=6)) for _ in range(20_000)]
    with file.open("w", encoding="utf-8") as lines:
        for number in range(count):
            # Few words, and often: an index of words is to be smaller than its text.
            own = drawn.choices(words, k=30)
            text = ". ".join(" ".join(drawn.choices(own, k=12)).capitalize() for _ in range(60))
            record = {"id": f"n{number}", "title": " ".join(own[:5]), "text": f"{text}.", "lang": "en", "source": "Un"}
            lines.write(json.dumps(record) + "\n")
    return file.stat().st_size


def peak(folder: Path, count: int) -> tuple[int, int]:
    """Build an index of so many articles; return how many bytes they have, and the most memory that took."""
    size = written(folder / f"{count}.jsonl", count)
    command = [sys.executable, "-c", BUILD, str(folder / f"{count}.jsonl"), str(folder / str(count))]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    articles, memory = map(int, done.stdout.split())
    assert articles == count
    return size, memory


def test_a_build_does_not_hold_the_corpus(tmp_path: Path) -> None:
    # Beside other processes more waits to be read or written, by chance some 10 MB in either build. One that held its
    # corpus would hold it each time, 23 MB more beside what is kept.
    for attempt in ("first", "second", "third"):
        folder = tmp_path / attempt
        folder.mkdir()
        little, before = peak(folder, FEW)
        much, after = peak(folder, MANY)
        # What is kept of each article (where it is, which words, what it is like) is some 2 KB of its 5.
        most = 0.6 * (much - little)
        if after - before < most:
            break
    assert after - before < most
