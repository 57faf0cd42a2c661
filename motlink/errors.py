"""What can be refused, worded for the person who is refused.

MotlinkError
├── NotAllowed    the actor lacks the privilege
├── NotFound      no such thing in the actor's organization
├── Conflict      the state of things forbids it
├── Invalid       something typed is not acceptable (field says which)
└── Busy          the database lets nobody in just now
    └── Beaten    … and would let the same work in if it were done again
"""


class MotlinkError(Exception):
    """A refusal: a sentence that says why, and what to do next."""

    sentence = "This is not possible."
    next_step = ""

    def __init__(self, sentence: str = "", *, next_step: str = "") -> None:
        self.sentence = sentence or self.sentence
        self.next_step = next_step or self.next_step
        super().__init__(self.sentence)

    def __str__(self) -> str:
        return f"{self.sentence} {self.next_step}".strip()


class NotAllowed(MotlinkError):
    """The actor may not do this."""

    # The Work in which it was refused: the audit log names the actor from it.
    work: object = None
    sentence = "Your roles do not allow this."
    next_step = "Ask an owner or manager of the practice."


class NotFound(MotlinkError):
    """Nothing of that id in the actor's organization; another organization's ids look the same."""

    sentence = "This is not here, or no longer here."


class Conflict(MotlinkError):
    """The present state forbids it."""


class Invalid(MotlinkError):
    """Something typed cannot be taken; `fields` says what is wrong where, `field` names the first of them."""

    def __init__(self, sentence: str, *, field: str = "", fields: dict[str, str] | None = None) -> None:
        self.fields = fields or ({field: sentence} if field else {})
        self.field = next(iter(self.fields), "")
        super().__init__(sentence)


class Busy(MotlinkError):
    """The database has kept somebody waiting for too long, or does not answer: all of the act is rolled back."""

    sentence = "The database is busy just now, so nothing was changed."
    next_step = "Try again in a moment."


class Beaten(Busy):
    """PostgreSQL has ended this work so that another one could go on."""

    sentence = "Somebody else was changing the same things at this moment, so nothing was changed."
    next_step = "Please try again."
