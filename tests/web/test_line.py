"""What counts as a change that waits while the line is down."""

import pytest

from motlink.web.line import changing_events


@pytest.mark.req("UX-02")
def test_acts_count_and_looking_around_does_not(home: object) -> None:
    import motlink.motlink  # noqa: F401 - registers every handler

    ends = {name.rsplit("____", 1)[-1] for name in changing_events()}

    assert {
        "profile_state.set_role",
        "leaving_state.deactivate",
        "add_state.save",
        "notice_state.press_undo",
    } <= ends
    assert (
        not {"roster_state.filter_role", "roster_state.pick", "leaving_state.ask", "notice_state.dismiss"}
        & ends
    )
