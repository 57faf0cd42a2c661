"""Every event handler and every route has a rule: the app's registry, the matrix and the command line agree."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.guard.matrix import FRAMEWORK, HANDLERS, MEMBER, NOBODY, PUBLIC, ROUTES, Rule
from tests.guard.site import short
from tests.guard.walk import handlers, routes
from tests.web.site import ROOT

pytestmark = [pytest.mark.xdist_group("guard"), pytest.mark.asvs("8.2.1", "8.2.2", "8.3.1", "8.4.1")]


def test_every_handler_has_a_rule_and_every_rule_a_handler() -> None:
    names = [short(name) for name in handlers()]
    assert len(names) == len(set(names)), (
        "two states of the same name: the matrix would take one for the other"
    )
    assert set(names) == set(HANDLERS)


def test_every_route_has_a_rule_and_every_rule_a_route() -> None:
    assert routes() == set(ROUTES)


def test_the_markers_in_the_code_say_what_the_matrix_says() -> None:
    from motlink.web.rules import framework_events, rule_of

    def marked(name: str, registered: Any) -> Rule:
        rule = rule_of(registered)
        if rule is None:
            return FRAMEWORK if name in framework_events() else NOBODY
        return PUBLIC if rule.public else rule.permission or MEMBER

    assert {short(name): marked(name, registered) for name, registered in handlers().items()} == HANDLERS


def test_the_command_line_lists_the_same_ways_in() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "motlink.cli", "routes", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    listed = json.loads(run.stdout)
    assert {short(one["name"]) for one in listed if one["kind"] == "event"} == set(HANDLERS)
    assert {(one["kind"], one["name"]) for one in listed if one["kind"] != "event"} == set(ROUTES)
    assert [one for one in listed if one["rule"] == "NONE"] == []
    said = {short(one["name"]): one["rule"] for one in listed if one["kind"] == "event"}
    for name, rule in HANDLERS.items():
        words = {
            PUBLIC: "public",
            MEMBER: "any member with a role",
            NOBODY: "refused",
            FRAMEWORK: "Reflex’s own",
        }
        assert said[name] == words.get(rule, f"requires {rule}")
