"""Every file of an index cut short and with bits turned: it is named, and nothing wrong is answered."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer import generation, naming
from indexer.encoder import Encoder
from indexer.errors import IndexProblem
from search_api.cli import main
from tests.faults.conftest import Story
from tests.faults.served import alike, answers, whole

CUTS = FLIPS = 10


@pytest.fixture(scope="module")
def own(story: Story, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an index with one generation; each test leaves it as it was."""
    index = Path(shutil.copytree(story.base, tmp_path_factory.mktemp("damage") / "index"))
    assert whole(index)
    return index


def files(index: Path) -> list[Path]:
    folder = index / naming.FOLDER / generation.current_name(index)
    return [index / naming.CURRENT, *sorted(folder.iterdir())]


def harmed(content: bytes, chance: random.Random) -> Iterator[bytes]:
    """Yield `content` cut short at ten places, to nothing and by one byte among them, and with ten bits turned."""
    size = len(content)
    for length in {0, size - 1, *chance.sample(range(size), min(CUTS - 2, size))}:
        yield content[:length]
    for place in chance.sample(range(size * 8), FLIPS):
        turned = bytearray(content)
        turned[place // 8] ^= 1 << place % 8
        yield bytes(turned)


def test_damage_is_named_and_answers_nothing_wrong(own: Path, story: Story, encoder: Encoder) -> None:
    chance = random.Random(5)
    unread = tried = 0
    for file in files(own):
        content = file.read_bytes()
        for damaged in harmed(content, chance):
            tried += 1
            file.write_bytes(damaged)
            with pytest.raises(IndexProblem, match=file.name):
                whole(own)
            try:
                assert alike(answers(own, encoder), story.answers_before), file.name
                unread += 1
            except IndexProblem as error:
                assert file.name in str(error)  # noqa: PT017
        file.write_bytes(content)
    assert whole(own)
    assert tried >= (CUTS + FLIPS - 2) * len(files(own))
    print(f"\n{tried} damages of {len(files(own))} files: verify names all; {unread} lay where no answer came by")


def test_a_file_that_is_gone(own: Path) -> None:
    for file in files(own)[1:]:
        content = file.read_bytes()
        file.unlink()
        with pytest.raises(IndexProblem, match=file.name):
            generation.Generation.open(own)
        file.write_bytes(content)


def test_veille_verify_says_which(
    own: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = next(file for file in files(own) if file.name == "tokens.codes")
    content = file.read_bytes()
    file.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    monkeypatch.setattr("sys.argv", ["veille", "verify", "--index", str(own)])
    with pytest.raises(SystemExit) as left:
        main()
    file.write_bytes(content)
    assert left.value.code == 2
    assert "tokens.codes" in capsys.readouterr().err


def test_a_manifest_of_another_generation(story: Story, tmp_path: Path) -> None:
    """A whole and honest manifest, but not of these files."""
    index = Path(shutil.copytree(story.after, tmp_path / "index"))
    served, other = (index / naming.FOLDER / name for name in _newest_first(index))
    shutil.copy(other / "manifest.json", served / "manifest.json")
    with pytest.raises(IndexProblem):
        generation.Generation.open(index)


def _newest_first(index: Path) -> tuple[str, str]:
    first, second = sorted((path.name for path in (index / naming.FOLDER).iterdir()), reverse=True)
    return first, second
