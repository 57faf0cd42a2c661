"""Write the two lock files from pyproject.toml, or check that all locks are sound.

.venv/bin/python tools/lock.py            write (some minutes: every hash of every release is fetched)
.venv/bin/python tools/lock.py --upgrade  take newer releases beneath our own pins
.venv/bin/python tools/lock.py --check    no network: pins agree, the dev lock holds the runtime's, no address
"""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNTIME, DEV = ROOT / "requirements.lock", ROOT / "requirements-dev.lock"
ADDRESS_FREE = (RUNTIME, DEV, ROOT / "reflex.lock" / "bun.lock", ROOT / "reflex.lock" / "package.json")
OPTIONS = (
    "--generate-hashes",
    "--allow-unsafe",
    "--strip-extras",
    "--no-header",
    "--quiet",
    "--annotation-style=line",
    "--build-deps-for=editable",
    # No address of an index in a file: each machine asks the one it is set up with.
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-emit-trusted-host",
    "--no-emit-options",
)


def main() -> None:
    """Check or write."""
    if "--check" not in sys.argv:
        write("--upgrade" in sys.argv)
    if faults := [*unpinned(), *missing_from_dev(), *addresses()]:
        sys.exit("\n".join(faults))


def write(upgrade: bool) -> None:
    """Compile both locks, the dev one held to the runtime's versions."""
    runtime = ["-o", RUNTIME.name]
    dev = ["-c", RUNTIME.name, "--extra", "dev", "-o", DEV.name]
    for choice in (runtime, dev):
        command = [sys.executable, "-m", "piptools", "compile", *OPTIONS, *choice, "pyproject.toml"]
        env = {**os.environ, "CUSTOM_COMPILE_COMMAND": "make lock"}
        subprocess.run([*command, *(["--upgrade"] if upgrade else [])], cwd=ROOT, env=env, check=True)


def pins(lock: Path) -> dict[str, str]:
    """Return name to version of a lock file."""
    found = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", lock.read_text(), re.MULTILINE)
    return {plain(name): version for name, version in found}


def plain(name: str) -> str:
    """Return a package's name as the index spells it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def unpinned() -> list[str]:
    """Return what pyproject.toml asks for and the dev lock does not hold in that version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    locked, faults = pins(DEV), []
    for line in asked:
        name, _, version = re.sub(r"\[.*\]", "", line).partition("==")
        if not version or locked.get(plain(name)) != version:
            faults.append(
                f"pyproject.toml asks for {line}, {DEV.name} has {locked.get(plain(name))}: run make lock"
            )
    return faults


def missing_from_dev() -> list[str]:
    """Return the runtime pins that the dev lock does not repeat."""
    dev = pins(DEV)
    return [
        f"{RUNTIME.name} has {name}=={version}, {DEV.name} has {dev.get(name)}: run make lock"
        for name, version in pins(RUNTIME).items()
        if dev.get(name) != version
    ]


def addresses() -> list[str]:
    """Return the lock files that name a download address or a folder of some machine."""
    unwanted = re.compile(r"https?://|file://|--(extra-)?index|--find-links|@ /")
    return [
        f"{path.name} names an address"
        for path in ADDRESS_FREE
        if path.exists() and unwanted.search(path.read_text())
    ]


if __name__ == "__main__":
    main()
