"""Build the frontend into .web when what it is made of changed. Runs in .venv; needs no Node.

.venv/bin/python tools/frontend.py            build if needed
.venv/bin/python tools/frontend.py --force    build anyway
"""

import fcntl
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILT = ROOT / ".web" / "build" / "client"
STAMP = ROOT / ".web" / "motlink-built"
BUN_LOCK = ROOT / "reflex.lock" / "bun.lock"
PACKAGES = ROOT / "reflex.lock" / "package.json"
SOURCES = (
    "motlink/**/*.py",
    "assets/**/*",
    "rxconfig.py",
    "bunfig.toml",
    ".npmrc",
    "requirements.lock",
)
LOCKS = ("reflex.lock/*",)
QUIET = {
    "REFLEX_TELEMETRY_ENABLED": "false",
    "REFLEX_CHECK_LATEST_VERSION": "false",
}


def main() -> None:
    """Build when needed; what was built badly is never taken for good."""
    with one_at_a_time():
        sources = digest(SOURCES)
        if "--force" not in sys.argv and is_built(sources):
            return
        STAMP.unlink(missing_ok=True)
        with locks_kept_if_it_fails():
            build()
        tidy_locks()
        # The digest of the sources is the one from before the build: who edits meanwhile gets another build.
        STAMP.write_text(f"{sources} {digest(LOCKS)}")


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Wait for another build of this folder."""
    with (ROOT / ".frontend-building").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def is_built(sources: str) -> bool:
    """Whether .web holds a whole build of these sources."""
    if not STAMP.exists() or not (BUILT / "index.html").exists():
        return False
    return STAMP.read_text() == f"{sources} {digest(LOCKS)}"


def digest(patterns: tuple[str, ...]) -> str:
    """Return one word for the names and contents of all files that match."""
    total = hashlib.sha256()
    # assets/external is written by the build itself.
    external = ROOT / "assets" / "external"
    for path in sorted({path for pattern in patterns for path in ROOT.glob(pattern)}):
        if path.is_file() and external not in path.parents:
            total.update(f"{path.relative_to(ROOT)}\0".encode())
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def build() -> None:
    """Compile the pages and bundle them; prints Reflex's own output only when it fails."""
    print("Building the frontend …", flush=True)
    started = time.monotonic()
    scripts = Path(sys.executable).parent
    command = [str(scripts / "reflex"), "export", "--frontend-only", "--no-zip", "--env", "prod"]
    # No setting of this run may get into the bundle; MOTLINK_DATA only says where files go.
    neutral = {k: v for k, v in os.environ.items() if not k.startswith("MOTLINK_") or k == "MOTLINK_DATA"}
    # bun comes with the packages and stands beside Python.
    env = {**neutral, **QUIET, "PATH": f"{scripts}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=env,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode or not (BUILT / "index.html").exists():
        sys.exit(f"{done.stdout}\nThe frontend could not be built; what went wrong stands above.")
    print(f"Built in {time.monotonic() - started:.1f} s", flush=True)


@contextmanager
def locks_kept_if_it_fails() -> Iterator[None]:
    """Put Reflex's locks back after a failed build: it writes half a one before it compiles the pages."""
    before = {path: path.read_text() for path in (PACKAGES, BUN_LOCK) if path.exists()}
    try:
        yield
    except BaseException:
        # Ctrl-C is the usual way in which a build ends early.
        for path in (PACKAGES, BUN_LOCK):
            path.unlink(missing_ok=True)
            if path in before:
                path.write_text(before[path])
        raise


def tidy_locks() -> None:
    """Write Reflex's locks the same way on every machine, so that a build leaves the working copy clean."""
    if PACKAGES.exists():
        rewrite(PACKAGES, json.dumps(json.loads(PACKAGES.read_text()), indent=2, sort_keys=True) + "\n")
    if BUN_LOCK.exists():
        # No download address: each machine asks the registry that it is set up with.
        rewrite(BUN_LOCK, re.sub(r'(\["[^"]+", )"https?://[^"]*"', r'\1""', BUN_LOCK.read_text()))


def rewrite(path: Path, text: str) -> None:
    """Write a file that would change."""
    if path.read_text() != text:
        path.write_text(text)


if __name__ == "__main__":
    main()
