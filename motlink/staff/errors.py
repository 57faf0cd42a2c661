"""Refusals of the staff slice, worded for the person."""

from uuid import UUID

from motlink.errors import Conflict, NotAllowed


class LastOwner(Conflict):
    """A practice always keeps one owner."""

    def __init__(self, name: str, *, others_end: bool = False) -> None:
        words = "the only owner who stays" if others_end else "the only owner"
        super().__init__(f"{name} is {words}.", next_step="Make someone else an owner first.")


class OwnRoles(NotAllowed):
    """Nobody changes their own roles."""

    sentence = "Nobody changes their own roles."
    next_step = "Ask another owner or manager."


class OwnersOnly(NotAllowed):
    """Only an owner gives, takes or deactivates Owner."""

    sentence = "Only an owner decides about owners."
    next_step = "Ask an owner of the practice."


class ManagersOnly(NotAllowed):
    """A staff administrator never touches owners, managers or staff administrators."""

    sentence = "A staff administrator cannot change owners, managers or staff administrators."
    next_step = "Ask an owner or manager."


class BeyondOwnPrivileges(NotAllowed):
    """Nobody grants a role with a privilege they lack."""

    def __init__(self, role: str) -> None:
        super().__init__(
            f"{role} may do more than you may, so you cannot give it.", next_step="Ask an owner."
        )


class AlreadyHere(Conflict):
    """One email, one place in a practice."""

    def __init__(self, name: str, member_id: UUID) -> None:
        self.member_id = member_id
        super().__init__(
            f"{name} already has this email here.", next_step="Two people cannot share an email."
        )


class AgentHere(Conflict):
    """Whose token and code these are has a place here already; `member_id` leads to it."""

    def __init__(self, name: str, member_id: UUID, *, is_agent: bool, is_active: bool) -> None:
        self.member_id = member_id
        if is_agent:
            what, how = "an External Agent here already", "Their roles are on the Profile."
        elif is_active:
            what, how = (
                "a staff member here",
                "One email has one place in a practice, and this one stays staff.",
            )
        else:
            what, how = (
                "an inactive staff member here",
                "Reactivate them on the Profile: who was staff comes back as staff.",
            )
        super().__init__(f"{name} is {what}.", next_step=how)


class AgentLeft(Conflict):
    """An agent who left is not pulled in again: their code says that they want to."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} left this practice.",
            next_step="Ask for their Token and Code, and add them with “New External Agent”.",
        )


class Inactive(Conflict):
    """The member has to be active for this."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is inactive.", next_step="Reactivate first.")


class HasLeft(Conflict):
    """The last working day came before whoever wanted to cancel it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} has left: the moment has passed.", next_step="Reactivate instead.")


class AlreadySetUp(Conflict):
    """An invitation makes no sense for someone who is in."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} has already accepted an invitation.", next_step="No new invitation is needed."
        )


class NotSetUp(Conflict):
    """Nobody resets a password that does not exist, or that this practice has no part in yet."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} has not accepted an invitation yet.", next_step="Send a new invitation instead."
        )


class OwnPassword(Conflict):
    """One's own password needs no letter."""

    sentence = "This is your own account."
    next_step = "Change the password on your account page."


class OwnSecondStep(Conflict):
    """One's own second step is changed where it was set up."""

    sentence = "This is your own account."
    next_step = "Turn the second step off on your account page."


class NoSecondStep(Conflict):
    """There is nothing to remove."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} has no second step.", next_step="Nothing has to be removed.")


class NothingToWithdraw(Conflict):
    """No link of theirs could be used any more."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"No invitation of {name} is open.", next_step="It was withdrawn or accepted meanwhile."
        )


class AskFirst(Conflict):
    """The act hits more than a switch shows: it wants a confirmation."""

    sentence = "This has to be confirmed first."


class TermsChanged(Conflict):
    """Somebody else changed how far a role goes while a dialog showed what it was; `now` says how it reads."""

    def __init__(self, role: str, name: str, now: str) -> None:
        super().__init__(
            f"Someone else changed {role} for {name} meanwhile: {now}.",
            next_step="Look at it, then save again.",
        )


class Changed(Conflict):
    """Somebody else saved meanwhile; `theirs` says which fields now read how, `version` when that was read."""

    def __init__(self, theirs: dict[str, str], version: int) -> None:
        self.theirs, self.version = theirs, version
        super().__init__(
            "Someone else changed this while you were typing.", next_step="Look at both, then save again."
        )
