"""Every act has words: in the audit log, in its filter, and in the history of the person it is about (AU-01)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from motlink.audit.queries import AuditView, entries
from motlink.audit.words import ACTIONS, SCREENS, detail_words, doing_words
from motlink.staff.parts import HISTORY_ICONS
from motlink.staff.words import HISTORY
from tests.acts import see
from tests.guard.matrix import FRAMEWORK, HANDLERS, NOBODY, PUBLIC
from tests.people import Practice

pytestmark = pytest.mark.req("AU-01", "AU-02")
PACKAGE = Path(__file__).parents[2] / "motlink"


def recorded() -> Iterator[tuple[str, str]]:
    """Yield each act that is written out where it is recorded, and how its subject is called there."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if node.func.attr == "record" and node.args:
                subject = ast.unparse(node.args[1]) if len(node.args) > 1 else "None"
                for part in ast.walk(node.args[0]):
                    if isinstance(part, ast.Constant):
                        yield str(part.value), subject


def test_every_act_has_words_in_the_log_and_can_be_filtered(practice: Practice) -> None:
    acts = {act for act, _ in recorded()}
    offered = see(practice, practice.ana, entries, view=AuditView()).actions

    assert len(acts) > 15
    assert acts - set(ACTIONS) == set()
    assert {key for key, _ in offered} == set(ACTIONS)


def test_every_act_about_a_person_has_words_in_their_history() -> None:
    about_people = {act for act, subject in recorded() if re.search(r"member$", subject)}

    # What was refused has not happened, so it is in no history.
    assert about_people - set(HISTORY) == {"refused"}
    assert {icon for _, icon in HISTORY.values()} <= set(HISTORY_ICONS)


def test_every_event_that_can_be_refused_has_words() -> None:
    states = {
        name.split(".")[0] for name, rule in HANDLERS.items() if rule not in (PUBLIC, FRAMEWORK, NOBODY)
    }

    assert states - set(SCREENS) == set()
    assert doing_words("roster_state.load") == "Staff list: load"
    assert doing_words("switch_role") == "Turn a role on or off"


def test_details_are_words_and_no_ids_or_counters() -> None:
    one = "0190b4a4-7c1e-7000-8000-3b1f2a9c4d5e"
    payload = {
        "roles": ["Biller", one],
        "role_id": one,
        "link": one,
        "version": 3,
        "login_digest": "ab12",
        "x": "",
        "until": "2026-11-22T06:46:55.849103+00:00",
    }

    said = detail_words(payload, ZoneInfo("America/New_York"))

    assert said == "roles: Biller; until: 22 Nov 2026, 1:46 AM"
