"""When two tags are one."""

import unicodedata


def tag_key(name: str) -> str:
    """Fold case and spacing: the same words are the same tag."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def tag_name(name: str) -> str:
    """Return the name as it is shown: single spaces, no control characters, at most 80 letters."""
    return " ".join("".join(c for c in name if c.isprintable()).split())[:80]
