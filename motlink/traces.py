"""Where something failed and as what, without its words: they may quote a password, a link, an event."""

import traceback


def without_words(error: BaseException) -> str:
    """Return the lines of the code that the error came through, and its kind."""
    return "".join(traceback.format_tb(error.__traceback__)) + type(error).__name__
