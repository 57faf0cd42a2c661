"""What the Tags page, its panel and the fields that find read: counted beside a plain oracle (TA-15)."""

import random
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from motlink.errors import NotAllowed, NotFound
from motlink.staff.actions import deactivate
from motlink.tags.actions import make_tag, put_tag
from motlink.tags.queries import find_people, find_tags, tag_panel, tags_of_member, tags_page
from motlink.tags.rows import PAGE_SIZE, TagsView
from motlink.tags.vocabulary import delete_tag, keep_apart
from motlink.work import begin_work
from motlink.worker import sweep_tags
from tests.acts import do, see
from tests.people import Practice
from tests.staff.orders import wrong_orders
from tests.tags.words import crowd, tag, worn

pytestmark = pytest.mark.req("TA-15")
NOW = datetime.now(UTC)
SOON = str((NOW + timedelta(days=3)).date())
LATER = NOW + timedelta(days=9)


@pytest.mark.parametrize("days", [0, 9])
def test_each_tag_counts_the_active_people_who_wear_it_on_the_day(practice: Practice, days: int) -> None:
    chance, people = random.Random(7), crowd(practice, 8)
    names = ("Zulu", "Aetna", "Medicaid")
    expected = dict.fromkeys(names, 0)
    for name in names:
        tag_id = tag(practice, name, group="Insurance" if name != "Zulu" else "")
        for number, who in enumerate(people):
            until = chance.choice(("", SOON))
            if chance.random() < 0.6:
                do(practice, practice.ana, put_tag, member_id=who, tag_id=tag_id, until=until)
                expected[name] += number != 0 and (not until or days == 0)
    do(practice, practice.ana, deactivate, member_id=people[0])
    at = datetime.now(UTC) + timedelta(days=days)

    page = see(practice, practice.ana, tags_page, view=TagsView(), at=at)

    assert {row.name: row.people for row in page.rows} == expected
    assert [row.name for row in page.rows] == ["Aetna", "Medicaid", "Zulu"]
    assert [(group.name, group.tags) for group in page.groups] == [("Insurance", 2), ("", 1)]
    for row in page.rows:
        panel = see(practice, practice.ana, tag_panel, tag_id=row.id, at=at)
        assert panel.people == row.people == len(panel.wearers)


def test_the_sweep_ends_what_is_over_in_every_practice(practice: Practice) -> None:
    tag(practice, "Aetna", practice.cleo, practice.ben, until=SOON)
    tag(practice, "Spanish", practice.cleo)
    with begin_work(practice.as_(practice.dov), org=practice.other_org) as work:
        theirs = make_tag(work, name="Theirs")
        put_tag(work, member_id=practice.dov, tag_id=theirs.id, until=SOON)

    assert sweep_tags() == 0
    with time_machine.travel(LATER, tick=False):
        assert (sweep_tags(), sweep_tags()) == (3, 0)

    assert worn(practice) == {("Cleo", "Spanish", None)} and wrong_orders() == []


def test_a_thousand_tags_come_in_pages_and_are_found_by_part_of_a_word(practice: Practice) -> None:
    for number in range(PAGE_SIZE + 3):
        tag(practice, f"Tag {number:03}")
    tag(practice, "Français")

    first, last = (see(practice, practice.ana, tags_page, view=TagsView(page=page)) for page in (1, 99))
    found = see(practice, practice.ana, find_tags, q="  FRANC")

    assert (len(first.rows), len(last.rows), last.page, last.tags) == (PAGE_SIZE, 4, 2, PAGE_SIZE + 4)
    assert [one.name for one in found.choices] == ["Français"] and found.fresh == "FRANC"
    exact = see(practice, practice.ana, find_tags, q="FRANÇAIS ")
    assert exact.fresh == "" and exact.choices[0].name == "Français"
    assert see(practice, practice.ana, find_tags, q="tag").more == PAGE_SIZE + 3 - 8


@pytest.mark.req("UX-02")
def test_look_alikes_are_pointed_out_until_they_are_kept_apart(practice: Practice) -> None:
    one = tag(practice, "Aetna", practice.cleo, practice.ben)
    other = tag(practice, "Aetna PPO", practice.ben)
    tag(practice, "Spanish")

    pair = see(practice, practice.ana, tags_page, view=TagsView()).alike
    assert (pair.tag.name, pair.other.name, pair.both) == ("Aetna PPO", "Aetna", 1)
    do(practice, practice.ana, keep_apart, tag_id=one, other_id=other)
    assert see(practice, practice.ana, tags_page, view=TagsView()).alike is None
    tag(practice, "Spanisch")
    slip = see(practice, practice.ana, tags_page, view=TagsView()).alike
    assert {slip.tag.name, slip.other.name} == {"Spanisch", "Spanish"} and slip.both == 0


def test_people_are_found_by_name_and_never_those_who_wear_it_or_are_gone(practice: Practice) -> None:
    aetna = tag(practice, "Aetna", practice.ben)
    do(practice, practice.ana, deactivate, member_id=practice.sam)

    def found(q: str) -> list[str]:
        return [one.name for one in see(practice, practice.ana, find_people, q=q, but_tag_id=aetna)]

    assert found("") == ["Ana Castellanos", "Cleo Marchetti"]
    assert found("MARCH cl") == ["Cleo Marchetti"]
    # By name alone: an email is not for everyone who edits tags.
    assert found("riverbend") == [] and found("stranger") == []


def test_cleo_and_strangers_read_nothing(practice: Practice) -> None:
    aetna = tag(practice, "Aetna", practice.cleo)
    reads = (
        (tags_page, {"view": TagsView()}),
        (tag_panel, {"tag_id": aetna}),
        (tags_of_member, {"member_id": practice.cleo}),
        (find_tags, {"q": "a"}),
        (find_people, {"q": "a"}),
    )
    for query, given in reads:
        with pytest.raises(NotAllowed):
            see(practice, practice.cleo, query, **given)
    for query, given in reads[1:3]:
        with (
            pytest.raises(NotFound),
            begin_work(practice.as_(practice.dov), org=practice.other_org, writes=False) as work,
        ):
            query(work, **given)
    do(practice, practice.ana, delete_tag, tag_id=aetna)
    with pytest.raises(NotFound):
        see(practice, practice.ana, tag_panel, tag_id=aetna)
