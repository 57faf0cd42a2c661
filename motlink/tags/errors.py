"""What is refused about tags, and the way on."""

from uuid import UUID

from motlink.errors import Conflict


class NameTaken(Conflict):
    """Another tag has this name: the two could be merged."""

    def __init__(self, name: str, tag_id: UUID) -> None:
        self.tag_id = tag_id
        super().__init__(
            f"There is a tag “{name}” already.", next_step="Merge the two, or choose another name."
        )


class Renamed(Conflict):
    """Somebody else has renamed the tag meanwhile."""

    def __init__(self, name: str, version: int) -> None:
        self.name, self.version = name, version
        super().__init__(f"Somebody else has changed it: it is called “{name}” now.")


class OneTag(Conflict):
    """A tag cannot be merged with itself."""

    sentence = "These two are one tag already."
