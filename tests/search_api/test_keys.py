"""API keys: how they are kept, and how a running server learns of them."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from search_api.errors import KeysError
from search_api.service.keyring import Keyring
from search_api.service.keys import create_key, owner_of, read_keys, revoke_key


def test_a_key_is_shown_once_and_kept_as_a_hash(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "keys.json"
    token = create_key(file, "newsroom")
    assert len(token) > 40
    assert token not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [key.name for key in read_keys(file)] == ["newsroom"]
    other = create_key(file, "desk")
    keys = read_keys(file)
    assert owner_of(token, keys) == "newsroom"
    assert owner_of(other, keys) == "desk"
    for wrong in ("", token[:-1], token + "a", token.upper(), keys[0].sha256, "\udcff"):
        assert owner_of(wrong, keys) is None
    revoke_key(file, "newsroom")
    assert owner_of(token, read_keys(file)) is None
    assert owner_of(other, read_keys(file)) == "desk"
    assert {path.name for path in file.parent.iterdir()} == {"keys.json", "keys.json.lock"}


@pytest.mark.parametrize("name", ["", "a b", "../x", "x" * 65, "\x1b[0m", "é"])
def test_names_are_plain(tmp_path: Path, name: str) -> None:
    with pytest.raises(KeysError):
        create_key(tmp_path / "keys.json", name)


def test_mistakes(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    assert read_keys(file) == ()
    with pytest.raises(KeysError, match="no key called"):
        revoke_key(file, "nobody")
    create_key(file, "desk")
    with pytest.raises(KeysError, match="already"):
        create_key(file, "desk")
    for damaged in ("", "{", "[]", '{"keys": [1]}', '{"keys": [{"name": "x"}]}'):
        file.write_text(damaged)
        with pytest.raises(KeysError):
            read_keys(file)
        with pytest.raises(KeysError):
            create_key(file, "other")
        assert file.read_text() == damaged


def test_keys_that_many_make_at_once_are_all_kept(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    code = "import sys; from search_api.service.keys import *; from pathlib import Path; "
    code += "[create_key(Path(sys.argv[1]), f'{sys.argv[2]}-{n}') for n in range(5)]"
    made = [subprocess.Popen([sys.executable, "-c", code, str(file), f"of-{who}"]) for who in range(3)]
    assert [process.wait() for process in made] == [0, 0, 0]
    assert len(read_keys(file)) == 15


def test_a_server_learns_of_changes_and_lets_nobody_in_on_a_damaged_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search_api.service.keyring._LOOK", 0.0)
    file = tmp_path / "keys.json"
    keyring = Keyring(file)
    assert len(keyring) == 0
    token = create_key(file, "desk")
    assert keyring.owner(token) == "desk"
    other = create_key(file, "other")
    revoke_key(file, "desk")
    assert keyring.owner(token) is None
    assert keyring.owner(other) == "other"
    kept = file.read_text()
    file.write_text("{")
    assert keyring.owner(other) is None
    file.write_text(kept)
    os.utime(file, (time.time() + 5, time.time() + 5))
    assert keyring.owner(other) == "other"
    file.unlink()
    assert keyring.owner(other) is None


def test_the_command(tmp_path: Path) -> None:
    def veille(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "search_api", "keys", *arguments, "--keys", str(tmp_path / "keys.json")]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    token = veille("create", "desk").stdout.strip()
    assert owner_of(token, read_keys(tmp_path / "keys.json")) == "desk"
    assert veille("list").stdout.endswith(" desk\n")
    assert token not in veille("list").stdout
    assert veille("revoke", "desk").returncode == 0
    again = veille("revoke", "desk")
    assert again.returncode == 2
    assert "no key called 'desk'" in again.stderr
    assert json.loads((tmp_path / "keys.json").read_text()) == {"keys": []}
