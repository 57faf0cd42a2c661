"""`motlink …` in a process of its own that has read its modules already: a fork of one that was started once.

Reading them is what a command spends most of its time on, and what tests/cli/test_commands.py measures by itself.
"""

import multiprocessing
import os
import sys
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing.context import ForkServerContext
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
READ_BEFORE = [
    "alembic.command",
    "motlink.cli",
    "motlink.cli_doctor",
    "motlink.cli_import",
    "motlink.cli_operate",
    "motlink.cli_people",
    "motlink.cli_serve",
    "motlink.demo.practice",
    "motlink.migrations",
]


@dataclass(frozen=True)
class Ended:
    """What a command has said, and how it ended."""

    returncode: int
    stdout: str
    stderr: str


def motlink(env: dict[str, str], *words: str) -> Ended:
    """Run a command to its end."""
    with TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        process = _forked().Process(target=_run, args=(env, words, out, err))
        process.start()
        process.join(120)
        if process.is_alive():
            process.kill()
            raise AssertionError(f"motlink {words[0]} does not come to an end")
        return Ended(process.exitcode or 0, out.read_text(), err.read_text())


@lru_cache
def _forked() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(READ_BEFORE)
    return context


def _run(env: dict[str, str], words: tuple[str, ...], out: Path, err: Path) -> None:
    os.environ.clear()
    os.environ.update(env)
    os.chdir(ROOT)
    for path, number in ((out, 1), (err, 2)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    sys.argv = ["motlink", *words]
    from motlink.cli import main

    main()
