"""Each rule of ASVS 5.0 that binds motlink has a test that carries its number, or a word in docs/security.md."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
DOC = TESTS.parent / "docs" / "security.md"
# Chosen of the 345 for a web app with staff accounts; docs/security.md says how each is met.
BINDING = re.findall(
    r"\S+",
    """
1.2.4 1.2.10 1.3.6 1.3.11 2.2.1 2.2.2 2.3.1 2.3.3 2.3.4 2.4.1 3.3.1 3.3.2 3.3.3 3.3.4 3.4.1 3.4.3 3.4.4 3.4.5 3.4.6
3.5.1 3.5.3 4.1.3 4.4.1 4.4.2 4.4.3 4.4.4 5.2.1 6.1.1 6.2.1 6.2.3 6.2.4 6.2.5 6.2.7 6.2.8 6.2.9 6.2.10 6.2.11 6.2.12
6.3.1 6.3.2 6.3.3 6.3.7 6.3.8 6.4.1 6.4.3 6.4.6 6.5.1 6.5.2 6.5.3 7.1.1 7.2.3 7.2.4 7.3.1 7.3.2 7.4.1 7.4.2 7.4.3
7.4.5 7.5.1 7.5.2 8.1.1 8.2.1 8.2.2 8.2.3 8.3.1 8.3.2 8.4.1 11.2.4 11.4.2 11.5.1 13.1.2 13.1.3 13.2.6 13.4.2 13.4.5
14.2.1 14.3.2 14.3.3 15.3.3 15.3.4 15.4.2 16.2.1 16.2.5 16.3.1 16.3.2 16.3.3 16.4.1 16.4.2 16.5.2 16.5.3
""",
)


def marked() -> set[str]:
    """Return the numbers that tests carry."""
    marks = (re.findall(r"asvs\(([^)]*)\)", path.read_text()) for path in TESTS.rglob("test_*.py"))
    return {number for found in marks for mark in found for number in re.findall(r"[\d.]*\d", mark)}


def said_without_a_test() -> set[str]:
    """Return the numbers of the table of what nothing can be run for."""
    text = DOC.read_text()
    table = text[text.index("## Met where no test can be run") : text.index("## Numbers and why")]
    return set(re.findall(r"\d+\.\d+\.\d+", table))


def test_ninety_rules_bind() -> None:
    assert len(BINDING) == len(set(BINDING)) == 90


@pytest.mark.parametrize("rule", BINDING)
def test_each_rule_is_proved_or_explained(rule: str) -> None:
    assert (rule in marked()) != (rule in said_without_a_test()), f"{rule} needs one of the two"
