"""Numbers as people type them and browsers send them."""

# No list of ours has so many; a page beyond the last one shows the last.
MOST_PAGES = 999_999


def whole_number(text: str, *, most: int) -> int | None:
    """Return the number that is written in plain digits, None for anything else and for more than `most`.

    "²" and "٣" are digits to Python, and of thousands of digits it makes no number.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most))):
        return None
    return number if (number := int(text)) <= most else None
