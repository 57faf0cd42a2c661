"""The installation's key: there whole or not there, one for all processes, and never a short one."""

import subprocess
import sys
from pathlib import Path

import pytest

from motlink import settings as settings_module
from motlink.cli_doctor import secret_kept
from motlink.settings import WeakSecret, secret, settings

ROOT = Path(__file__).parents[1]


@pytest.fixture
def without_key(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation whose key is still to be made."""
    monkeypatch.delenv("MOTLINK_SECRET")
    settings_module.settings.cache_clear()
    return home


def start(program: str) -> "subprocess.Popen[str]":
    command = [
        sys.executable,
        "-c",
        f"{program}\nfrom motlink.settings import secret\nprint(secret().decode())",
    ]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def test_a_key_is_made_once_and_nobody_else_reads_it(without_key: Path) -> None:
    made = secret()
    settings_module.secret.cache_clear()

    assert secret() == made and len(made) == 64
    assert [path.name for path in without_key.iterdir()] == ["secret"]
    assert (without_key / "secret").stat().st_mode & 0o777 == 0o600


def test_a_key_that_cannot_be_written_whole_is_not_there_at_all(without_key: Path) -> None:
    full_disk = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))"

    starting = start(full_disk)

    assert starting.wait(30) != 0
    assert list(without_key.iterdir()) == []


def test_processes_that_start_at_once_share_one_key(without_key: Path) -> None:
    starting = [start("") for _ in range(8)]

    keys = {process.communicate(timeout=60)[0].strip() for process in starting}

    assert keys == {(without_key / "secret").read_text()}


@pytest.mark.parametrize("kept", ["", "x", "x" * 31, f"{'x' * 31}\n"])
def test_a_key_in_the_file_that_was_cut_off_seals_nothing(without_key: Path, kept: str) -> None:
    (without_key / "secret").write_text(kept)
    (without_key / "secret").chmod(0o600)

    with pytest.raises(WeakSecret, match="32"):
        secret()
    assert [one.level for one in secret_kept(settings())] == ["ERROR"]


def test_a_short_key_of_the_operator_seals_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTLINK_SECRET", "x" * 31)
    settings_module.settings.cache_clear()

    with pytest.raises(WeakSecret):
        secret()
    assert [one.level for one in secret_kept(settings())] == ["ERROR"]
