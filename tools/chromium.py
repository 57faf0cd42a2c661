"""Print the path of a Chromium for the browser tests, after installing one if there is none.

The one installed, else Debian's package (as root), else Playwright's. MOTLINK_CHROMIUM names another.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

# The shell has no window of its own to draw: several times less work for the same pages.
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)


def main() -> None:
    """Find or install it."""
    found = installed()
    if not found and not os.environ.get("MOTLINK_CHROMIUM"):
        found = from_packages() or from_playwright()
    if not found:
        sys.exit(
            "The browser tests need Chromium; none could be found or installed. Name one: MOTLINK_CHROMIUM=/path"
        )
    print(found)


def installed() -> str | None:
    """Return the first Chromium on this machine that starts."""
    asked = os.environ.get("MOTLINK_CHROMIUM")
    for name in (asked,) if asked else NAMES:
        path = shutil.which(name)
        if path and starts(path):
            return path
    return None


def starts(path: str) -> bool:
    """Whether it runs at all (Ubuntu's chromium-browser may be a stub that does not)."""
    try:
        return (
            subprocess.run([path, "--version"], capture_output=True, timeout=30, check=False).returncode == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False


def from_packages() -> str | None:
    """Install Debian's package, if we may."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    say("Installing Chromium with apt-get …")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # Old lists of packages name files that are gone, so they are fetched anew first.
    install = ["install", "-y", "--no-install-recommends", "fonts-liberation"]
    for steps in ([["update"], [*install, "chromium-headless-shell"]], [[*install, "chromium"]]):
        done = [
            subprocess.run(["apt-get", "-qq", *s], env=env, stdout=sys.stderr, check=False) for s in steps
        ]
        if not done[-1].returncode:
            return installed()
    return None


def from_playwright() -> str | None:
    """Download Playwright's own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    if not Path(path).exists():
        say("Downloading Chromium with Playwright …")
        step = [sys.executable, "-m", "playwright", "install", "chromium"]
        subprocess.run(step, stdout=sys.stderr, check=False)
    return path if Path(path).exists() and starts(path) else None


def say(sentence: str) -> None:
    """Tell the person; the standard output carries the path alone."""
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
