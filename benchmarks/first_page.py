"""A fresh clone: `make run` until the door answers, then once more. The caches of pip and bun are warm."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Row, verdict
from benchmarks.town import ROOT, wait_for
from tests.web.site import free_port

FIRST_BAR, SECOND_BAR = 60.0, 3.0


def measure(quick: bool = False) -> Iterator[Row]:
    """Yield the rows of the two starts; left out of a quick run."""
    if quick:
        return
    with tempfile.TemporaryDirectory(prefix="motlink-clone-") as folder:
        clone = Path(folder) / "motlink"
        _copy(clone)
        first, second, third = (_start(clone) for _ in range(3))
    yield Row("fresh clone: make run → first page", f"{first:.1f} s", "≤ 60 s", verdict(first, FIRST_BAR))
    yield Row(
        "  the second time",
        f"{second:.1f} s",
        "≤ 3 s",
        verdict(second, SECOND_BAR),
        f"the third time: {third:.1f} s",
    )


def _copy(clone: Path) -> None:
    """Copy what a clone would hold once this working copy is committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, clone / name)


def _start(clone: Path) -> float:
    """Return the seconds from the command to the door's answer."""
    port = free_port()
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MOTLINK_", "VIRTUAL_ENV", "MAKE"))
    }
    # The interpreter beneath the .venv of this run: a person who clones has no .venv yet.
    env = {**kept, "MOTLINK_PORT": str(port), "PYTHON": os.path.realpath(sys.executable)}
    with (clone.parent / "run.log").open("w") as log:
        run = subprocess.Popen(
            ["make", "run"], cwd=clone, env=env, stdout=log, stderr=log, start_new_session=True
        )
        try:
            return wait_for(f"http://localhost:{port}/sign-in", 300, run)
        except (RuntimeError, TimeoutError):
            print((clone.parent / "run.log").read_text()[-3000:])
            raise
        finally:
            os.killpg(run.pid, signal.SIGTERM)
            run.wait(20)
