"""Make .venv and install the locked packages, when something changed. Standard library only: it runs first.

python3 tools/venv.py runtime    what motlink needs to run
python3 tools/venv.py dev        that, and what tests and checks need
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "motlink.json"
LOCKS = {"runtime": "requirements.lock", "dev": "requirements-dev.lock"}
OLDEST = (3, 11)


def main() -> None:
    """Bring .venv to what the lock says."""
    use_new_enough_python()
    kind = sys.argv[1] if len(sys.argv) > 1 else "runtime"
    wanted = {name: fingerprint(lock) for name, lock in LOCKS.items()}
    known = remembered()
    if known.get(kind) == wanted[kind]:
        return
    if not known and not usable():
        make_venv()
    STAMP.unlink(missing_ok=True)
    install(LOCKS[kind])
    # The dev lock holds the runtime's packages too (tools/lock.py checks it).
    installed = wanted if kind == "dev" else {kind: wanted[kind]}
    STAMP.write_text(json.dumps({"place": str(VENV), **installed}))


def use_new_enough_python() -> None:
    """Go on with another Python of this machine when this one is too old."""
    if sys.version_info >= OLDEST:
        return
    for minor in (14, 13, 12, 11):
        found = shutil.which(f"python3.{minor}")
        if found and subprocess.run([found, "-c", ""], check=False).returncode == 0:
            os.execv(found, [found, *sys.argv])
    sys.exit(
        "motlink needs Python 3.11 or newer. Install it, or name one: make run PYTHON=/path/to/python3.12"
    )


def fingerprint(lock: str) -> str:
    """Return what the installed packages depend on, as one word."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    parts = [project["build-system"], project["project"], (ROOT / lock).read_text()]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def remembered() -> dict[str, str]:
    """Return what was installed here last; nothing if the folder was moved, since scripts hold its path."""
    try:
        known: dict[str, str] = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return known if known.get("place") == str(VENV) and PYTHON.exists() else {}


def usable() -> bool:
    """Whether .venv stands here, is new enough and has pip (one made by hand may stay)."""
    script = VENV / "bin" / "pip"
    if (
        not PYTHON.exists()
        or not script.exists()
        or str(VENV) not in script.read_text(errors="replace")[:200]
    ):
        return False
    ask = f"import sys, pip; sys.exit(sys.version_info < {OLDEST})"
    return subprocess.run([PYTHON, "-c", ask], check=False, stderr=subprocess.DEVNULL).returncode == 0


def make_venv() -> None:
    """Make an empty .venv."""
    print("Making .venv …", flush=True)
    if subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=False).returncode:
        sys.exit("Python could not make .venv. On Debian and Ubuntu: apt install python3-venv")


def install(lock: str) -> None:
    """Install exactly what the lock lists, then motlink itself, in place."""
    print(f"Installing the packages of {lock} …", flush=True)
    # Bytecode is written when a module is first used, which is quicker than all of it now.
    pip = [
        str(PYTHON),
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--no-input",
        "-qq",
        "install",
        "--no-compile",
    ]
    # The lock lists everything, so nothing is resolved anew: pip 23 takes "granian[reload]", which a package
    # asks for, for something other than the lock's granian, looks for the newest and refuses it unhashed.
    steps = (
        [*pip, "--no-deps", "--require-hashes", "-r", lock],
        [*pip, "--no-deps", "--no-build-isolation", "-e", "."],
        [str(PYTHON), "-m", "pip", "check", "-qq"],
    )
    for step in steps:
        if subprocess.run(step, cwd=ROOT, check=False).returncode:
            sys.exit(f"The packages of {lock} could not be installed; pip says why above.")


if __name__ == "__main__":
    main()
