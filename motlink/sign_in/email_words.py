"""The sentences of a changed email. A dead link says why it is dead and what to do, and names nobody."""

from motlink.sign_in.rules import DeadLink
from motlink.sign_in.words import NEWER, DeadPage, moment

NOT_YOURS = "This is not your password."
DONE = {
    "asked": "An email with a link is on its way to the new address, and a notice to the old one.",
    "given-up": "The change is called off. Your email stays as it is.",
}
CONFIRMED = (
    "Your email is changed",
    (
        "From now on you sign in with it, or with your username as before, and our emails go there. "
        "For 7 days the old address can take it back."
    ),
)
STOPPED = (
    "The change is stopped",
    "Your email stays as it is. You had not asked for another? Then choose a new password now.",
)
PUT_BACK = (
    "Your email is the old one again",
    (
        "Every session has ended. Choose a new password now, because whoever changed the email knew the old one. "
        "Until you do, the email cannot be changed again."
    ),
)
AGAIN = "Ask for the change again on “Your account”."
WHOLE = "Open it from the email again. If your mail program breaks it, copy the whole address."
STAYS = "Your email stays as it is."
OLD = "Sign in, and look at “Your account”: it says which email you have."
TO_SIGN_IN = "To the sign-in page"


def dead_change(dead: DeadLink) -> DeadPage:
    """Return the page for a link to a new email that opens nothing."""
    if dead.why == "expired":
        what = f"It was valid for 1 hour, until {moment(dead)}. {STAYS}"
        return _page("hourglass", "This link to a new email has expired", what, AGAIN)
    if dead.why == "used":
        return _page("check", "This link to a new email has been used", "Each link works once.", OLD)
    if dead.why == "superseded":
        return _page(
            "mail", "This link to a new email has been replaced", "A newer link was sent.", NEWER, AGAIN
        )
    if dead.why in ("cancelled", "revoked"):
        return _page("ban", "This change of the email was called off", STAYS, AGAIN)
    if dead.why == "taken":
        return _page(
            "ban", "This email cannot be used", f"It belongs to another account by now. {STAYS}", AGAIN
        )
    return _page("link", "This link is not complete", "It does not lead to any new email.", WHOLE)


def dead_cancel(dead: DeadLink) -> DeadPage:
    """Return the page for a link to the old email that opens nothing."""
    if dead.why == "expired":
        what = f"A change of the email can be taken back for 7 days, until {moment(dead)}."
        ask = "You did not change it yourself? Tell an owner or manager of your practice."
        return _page("hourglass", "This is too late", what, ask)
    if dead.why == "over":
        return _page("check", "There is nothing to stop", f"The change was never made. {STAYS}", OLD)
    if dead.why == "cancelled":
        first = "You did not ask for the change? Press “Forgot your password?” on the sign-in page."
        return _page("check", "This change is stopped already", "Each link works once.", first)
    if dead.why == "taken":
        ask = "Tell an owner or manager of your practice."
        return _page("ban", "This email cannot come back", "Another account has it by now.", ask)
    return _page("link", "This link is not complete", "It does not belong to any change of an email.", WHOLE)


def _page(icon: str, title: str, what: str, *steps: str) -> DeadPage:
    return DeadPage(icon, title, what, steps, below=TO_SIGN_IN)
