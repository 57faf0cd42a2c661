"""The sentences of the door. A dead link says why it is dead and what to do, and names nobody."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from motlink.moments import clock
from motlink.sign_in.rules import DeadLink

ENDED = "Your access to that practice has ended, so the page was closed."
RESET = "Your password is changed, and every session has ended. Sign in with the new one."
ACCOUNT = {
    "password": "Your password is changed. Every other session has ended, and an email is on its way to you.",
    "name": "Your name is saved.",
    "session": "The session has ended.",
    "others": "You are signed out everywhere else.",
    "code": "You have a new Code; the older one works nowhere any more. Where you are added already, nothing changes.",
    "left": "You have left the practice. Your other practices stay as they are.",
}
WHY_OUT = {
    "idle": "You were signed out because motlink was not used here for {}. Sign in, and you are where you were.",
    "long": "You were signed out because a sign-in lasts {} here. Sign in, and you are where you were.",
    "newer": "You were signed out here because you signed in elsewhere: your practice limits how many sign-ins one "
    "person may have at once, and this was the oldest.",
}
WRONG_CURRENT = "This is not your current password."
STEP = {
    "off": "The second step is off. Every other session has ended, and an email is on its way to you.",
    "app": "The authenticator app is set up. Every other session has ended, and an email is on its way to you.",
    "passkey": "The passkey is added. Every other session has ended, and an email is on its way to you.",
    "removed": "The passkey is removed. Every other session has ended, and an email is on its way to you.",
    "meanwhile": "The password was changed in another place meanwhile. Begin again.",
}
WRONG_FIRST_CODE = (
    "This is not the code we expected. Is the clock of your phone right? Type the code that shows now."
)
WRONG_CODE = {
    "code": "This code is not right, or was used already. Each works once: wait for the next one.",
    "passkey": "This passkey did not fit. Try again, or use another way.",
    "recovery": "This is none of your recovery codes, or it was used already.",
}
CHANGED_MEANWHILE = "The password was changed in another place meanwhile. Type the current one again."
NO_ROLE_TITLE = "Your practice has to give you a role"
NO_ROLE = "Your account is set up. As soon as an owner or manager turns a role on, you can sign in with your username."
CROSS_SITE = "This form was not sent from our own page. Open the page again and repeat it there."
TOO_LARGE = "This is more than the form takes."

ASK = "Ask the person who invited you to press “Send New Invitation”."
PRESS = "Press the button below: the practice sees that you ask."
ASKED_TITLE = "You have asked for a new link"
ASKED = (
    "If the link you opened belongs to an invitation, whoever looks after the staff there sees that you ask. "
    "Once they send a new one, it comes by email and works for 1 hour."
)
NEWER = "Look for a newer email from motlink. Each one shows its date and time, and only the newest works."
ASK_AGAIN = "Press “Forgot your password?” on the sign-in page to have another one sent."
SIGN_IN = "Sign in with your username and password."
PLACE_KEPT = "No need to be added again: your place is still there."


def why_out(why: str, span: str) -> str:
    """Return why a browser was signed out, "" where no limit did it."""
    return WHY_OUT[why].format(span) if why else ""


@dataclass(frozen=True)
class DeadPage:
    """Icon, what happened, what to do."""

    icon: str
    title: str
    what: str
    steps: tuple[str, ...]
    note: str = ""
    # The link to the sign-in page; "" where its button stands above.
    below: str = "Already set up? Sign in"
    # Whether the page offers to ask for a new link.
    may_ask: bool = False
    may_sign_in: bool = False


def name_left(practices: list[str], *, saved: bool) -> str:
    """Say in which practices a name stays as it was, because this sign-in does not lead into them now."""
    where = ", ".join(practices)
    how = (
        "this sign-in does not open it now" if len(practices) == 1 else "this sign-in does not open them now"
    )
    done = "Your name is saved, but not" if saved else "Your name is not saved"
    return f"{done} in {where}: {how}. Sign in there, then save your name again."


def dead_page(dead: DeadLink, *, set_up: bool = False) -> DeadPage:
    """Return the page for a link that opens nothing."""
    return _dead_set_up(dead) if set_up else _dead_invitation(dead)


def _dead_invitation(dead: DeadLink) -> DeadPage:
    if dead.why == "expired":
        until = f", until {moment(dead)}" if dead.moment else ""
        what = f"It was valid for 1 hour{until}."
        return _may_ask("hourglass", "This invitation has expired", what, NEWER, f"No newer one? {PRESS}")
    if dead.why == "superseded":
        on = f" on {moment(dead)}" if dead.moment else ""
        what = f"A newer invitation was sent{on}."
        return _may_ask("mail", "This invitation has been replaced", what, NEWER, f"It is not there? {PRESS}")
    if dead.why == "revoked":
        return DeadPage(
            "ban", "This invitation has been withdrawn", "It no longer opens anything.",
            ("If this is a mistake, press the button below.",), may_ask=True,
        )  # fmt: skip
    if dead.why == "used":
        return DeadPage(
            "check", "This invitation has been used", "Each link works once. Your account is set up.",
            (SIGN_IN,), below="", may_sign_in=True,
        )  # fmt: skip
    return DeadPage(
        "link", "This link is not complete", "It does not match any invitation.",
        ("Open it from the email again. If your mail program breaks it, copy the whole address.", f"Still here? {ASK}"),
    )  # fmt: skip


def _may_ask(icon: str, title: str, what: str, *steps: str) -> DeadPage:
    return DeadPage(icon, title, what, steps, PLACE_KEPT, may_ask=True)


def _dead_set_up(dead: DeadLink) -> DeadPage:
    again = "Ask your operator to run “motlink create-owner” again: it prints a new link."
    if dead.why == "expired":
        return DeadPage("hourglass", "This set-up link has expired", "It was valid for 1 hour.", (again,))
    if dead.why == "used":
        title, what = "This set-up link has been used", "Each link works once."
        return DeadPage("check", title, what, (SIGN_IN,), below="", may_sign_in=True)
    steps = ("Copy the whole address from the terminal.", again)
    return DeadPage("link", "This link is not complete", "It does not match any account to set up.", steps)


def dead_reset(dead: DeadLink) -> DeadPage:
    """Return the page for a link to a new password that opens nothing; it names nobody and knows no email."""
    icon, title, what, first = _dead_reset(dead)
    steps = (first, ASK_AGAIN) if dead.why in ("superseded", "unknown") else (first,)
    return DeadPage(icon, title, what, steps, below="To the sign-in page")


def _dead_reset(dead: DeadLink) -> tuple[str, str, str, str]:
    if dead.why == "expired":
        what = f"It was valid for 1 hour, until {moment(dead)}."
        return "hourglass", "This link to a new password has expired", what, ASK_AGAIN
    if dead.why == "used":
        signs = "Sign in with the new password. Was it not you who chose it? Ask for another link at once."
        return "check", "This link to a new password has been used", "Each link works once.", signs
    if dead.why == "superseded":
        what = f"A newer link was sent on {moment(dead)}."
        return "mail", "This link to a new password has been replaced", what, NEWER
    if dead.why == "revoked":
        what = "It no longer opens anything."
        again = (
            "If you can still sign in, ask for another link with “Forgot your password?” on the sign-in page."
        )
        return "ban", "This link to a new password has been withdrawn", what, again
    whole = "Open it from the email again. If your mail program breaks it, copy the whole address."
    return "link", "This link is not complete", "It does not lead to any new password.", whole


def moment(dead: DeadLink) -> str:
    """Return a moment in the practice's zone, named by its city: "24 November, 10:42 AM New York time"."""
    at: datetime | None = dead.moment
    if at is None:
        return ""
    zone = ZoneInfo(dead.zone)
    local = at.astimezone(zone)
    city = dead.zone.rsplit("/", 1)[-1].replace("_", " ")
    return f"{local.day} {local:%B}, {clock(at, zone)} {city} time"
