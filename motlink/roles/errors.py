"""Refusals of the roles slice, worded for the person."""

from motlink.errors import Conflict, NotAllowed


class BuiltIn(Conflict):
    """A built-in role is the same in every practice."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is built in.", next_step="Copy it to change the copy.")


class BeyondMaker(NotAllowed):
    """Nobody makes a role that may do more than they may."""

    def __init__(self, privileges: list[str]) -> None:
        super().__init__(
            f"You may not do this yourself: {', '.join(privileges)}.",
            next_step="Leave it out, or ask an owner.",
        )


class HeldByYou(NotAllowed):
    """Nobody changes what they themselves may do."""

    sentence = "You hold this role yourself."
    next_step = "Ask another owner or manager to change it."


class StillHeld(Conflict):
    """A role that somebody has cannot go."""

    def __init__(self, name: str, people: int) -> None:
        who = "1 person holds" if people == 1 else f"{people:,} people hold"
        super().__init__(f"{who} {name}.", next_step="Turn it off for them first.")


class PriceStays(Conflict):
    """A role that somebody has held stays paid, or free: the bills of that time are read from it (TA-28)."""

    def __init__(self, name: str, *, paid: bool) -> None:
        price = "with a seat" if paid else "free"
        super().__init__(
            f"{name} has been held as a role that is {price}, and the bills of that time stay.",
            next_step="Copy it, and choose the section of the copy.",
        )


class RoleChanged(Conflict):
    """Somebody else saved the role meanwhile; `theirs` says how what differs now reads, `version` when that was."""

    def __init__(self, theirs: dict[str, str], version: int) -> None:
        self.theirs, self.version = theirs, version
        super().__init__(
            "Someone else changed this role meanwhile.", next_step="Look at both, then save again."
        )
