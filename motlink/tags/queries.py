"""Reading the list of tags, a tag's panel, a person's tags, and what a type-ahead finds."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlalchemy import select as _select
from sqlmodel import col, select

from motlink.database import is_sqlite
from motlink.folding import fold
from motlink.moments import ago, short_day, until_day
from motlink.orgs.zones import today_of, zone_of
from motlink.permissions import Permission
from motlink.staff.models import NO_TAG, StaffMember
from motlink.staff.roster import initials
from motlink.tags import alike
from motlink.tags.actions import tag_in_use
from motlink.tags.models import Tag, Tagging
from motlink.tags.rows import (
    CHOICES,
    PAGE_SIZE,
    PEOPLE_AT_ONCE,
    Found,
    FoundTags,
    GroupCount,
    LookAlike,
    MemberTags,
    TagPanel,
    TagRow,
    TagsPage,
    TagsView,
    Wearer,
    WornTag,
)
from motlink.tags.rules import tag_key, tag_name
from motlink.tags.worn import is_on, is_open
from motlink.work import Work

# Pairs that may look alike are looked at more closely, so many at most.
PAIRS = 20
ACTIVE = col(StaffMember.deactivated_at).is_(None)
plain = lru_cache(maxsize=8192)(alike.plain)


def tags_page(work: Work, *, view: TagsView) -> TagsPage:
    """Return one page of the practice's tags, by group and name."""
    work.require(Permission.EDIT_TAGS)
    everything = _all_tags(work)
    wanted = plain(view.q)
    fits = [tag for tag in everything if wanted in plain(tag.name) and _in_group(tag, view.group)]
    fits.sort(key=lambda tag: (not tag.group, tag_key(tag.group), tag.key))
    pages = max(1, -(-len(fits) // PAGE_SIZE))
    page = min(max(1, view.page), pages)
    some = fits[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return TagsPage(
        rows=_rows(work, some),
        groups=_groups(everything),
        tags=len(everything),
        people=_people_with_tags(work),
        shown=len(fits),
        page=page,
        pages=pages,
        alike=_look_alike(work, everything) if view in (TagsView(), TagsView(tag=view.tag)) else None,
    )


def _all_tags(work: Work) -> list[Any]:
    # Columns, not whole rows: a thousand of those take most of the time.
    columns: tuple[Any, ...] = (
        Tag.id,
        Tag.key,
        Tag.name,
        Tag.color,
        Tag.group,
        Tag.changed_at,
        Tag.kept_apart,
    )
    return list(work.session.execute(_select(*columns).where(*is_open(work))).all())


def _in_group(tag: Any, group: str) -> bool:
    return not group or tag.group == ("" if group == "-" else group)


def _groups(tags: Iterable[Any]) -> tuple[GroupCount, ...]:
    counts: dict[str, int] = {}
    for tag in tags:
        counts[tag.group] = counts.get(tag.group, 0) + 1
    names = sorted(counts, key=lambda name: (not name, tag_key(name)))
    return tuple(GroupCount(name, counts[name]) for name in names)


def _people_with_tags(work: Work) -> int:
    # The roster's own column, which an index holds: counting all that is worn took ten times as long.
    tagged = (StaffMember.org_id == work.org_id, ACTIVE, col(StaffMember.tag_order) != NO_TAG)
    return int(work.session.exec(select(func.count()).select_from(StaffMember).where(*tagged)).one())


def _rows(work: Work, tags: Sequence[Any]) -> tuple[TagRow, ...]:
    today, zone = today_of(work), zone_of(work)
    counts = _counts(work, [tag.id for tag in tags], today)
    found = []
    for tag in tags:
        people, dated, last = counts.get(tag.id, (0, 0, None))
        changed = ago(tag.changed_at, zone, work.now) if tag.changed_at else ""
        expiring = _expiring(dated, last, today)
        found.append(TagRow(tag.id, tag.name, tag.color, tag.group, people, expiring, changed))
    return tuple(found)


def _expiring(number: int, last: date | None, today: date) -> str:
    if not number or last is None:
        return ""
    return f"{number:,} {'expires' if number == 1 else 'expire'} by {short_day(last, today)}"


def _counts(work: Work, tag_ids: Sequence[UUID], today: date) -> dict[UUID, Any]:
    """Return, by tag, how many active people wear it, how many of them until a day, and the last of these days."""
    columns: tuple[Any, ...] = (
        Tagging.tag_id,
        func.count(),
        func.count(col(Tagging.ends_on)),
        func.max(Tagging.ends_on),
    )
    query = (
        _select(*columns)
        .join(StaffMember, col(StaffMember.id) == col(Tagging.member_id))
        .where(col(Tagging.org_id) == work.org_id, col(Tagging.tag_id).in_(tag_ids), is_on(today), ACTIVE)
        .group_by(col(Tagging.tag_id))
    )
    return {tag_id: tuple(rest) for tag_id, *rest in work.session.execute(query)}


def _look_alike(work: Work, tags: Sequence[Any]) -> LookAlike | None:
    """Return the first pair that looks alike and is not kept apart; a word more counts where somebody wears both."""
    by_id = {tag.id: tag for tag in tags}
    apart = {(tag.id, UUID(other)) for tag in tags for other in tag.kept_apart or ()}
    slips, more = _pairs(tuple((tag.id, tag.name) for tag in tags))
    pairs = [*sorted(slips - apart)[:PAIRS], *sorted(more - apart)[:PAIRS]]
    wearers = _wearer_ids(work, {one for pair in pairs for one in pair})
    for one, other in pairs:
        both = len(wearers.get(one, set()) & wearers.get(other, set()))
        if both or (one, other) in slips:
            # The one that fewer wear goes into the other.
            first, second = sorted((one, other), key=lambda tag_id: len(wearers.get(tag_id, ())))
            return LookAlike(_plain_row(by_id[first]), _plain_row(by_id[second]), both)
    return None


@lru_cache(maxsize=64)
def _pairs(names: tuple[tuple[UUID, str], ...]) -> tuple[set[alike.Pair], set[alike.Pair]]:
    """Return the pairs that are one slip apart, and those of which one has a word more."""
    by_id = dict(names)
    slips = alike.one_slip_apart(by_id)
    return slips, alike.one_word_more(by_id) - slips


def _wearer_ids(work: Work, tag_ids: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    query = (
        select(Tagging.tag_id, Tagging.member_id)
        .join(StaffMember, col(StaffMember.id) == col(Tagging.member_id))
        .where(col(Tagging.tag_id).in_(tag_ids), is_on(today_of(work)), ACTIVE)
    )
    found: dict[UUID, set[UUID]] = {}
    for tag_id, member_id in work.session.exec(query):
        found.setdefault(tag_id, set()).add(member_id)
    return found


def _plain_row(tag: Any) -> TagRow:
    return TagRow(tag.id, tag.name, tag.color, tag.group)


def tag_panel(work: Work, *, tag_id: UUID, limit: int = PEOPLE_AT_ONCE) -> TagPanel:
    """Return a tag and the first people who wear it: those with a last day first. Raises NotFound."""
    work.require(Permission.EDIT_TAGS)
    tag, today = tag_in_use(work, tag_id), today_of(work)
    worn: tuple[Any, ...] = (Tagging.org_id == work.org_id, Tagging.tag_id == tag.id, is_on(today))
    inactive = func.count(col(StaffMember.deactivated_at))
    joined = col(StaffMember.id) == col(Tagging.member_id)
    everyone, gone = work.session.execute(
        _select(func.count(), inactive).select_from(Tagging).join(StaffMember, joined).where(*worn)
    ).one()
    last = col(Tagging.ends_on)
    people = work.session.exec(
        select(StaffMember, Tagging)
        .join(Tagging, joined)
        .where(*worn, ACTIVE)
        .order_by(last.is_(None), last, col(StaffMember.sort_name), col(StaffMember.id))
        .limit(max(1, min(limit, 500)))
    )
    return TagPanel(
        id=tag.id,
        key=tag.key,
        name=tag.name,
        color=tag.color,
        group=tag.group,
        version=tag.version,
        people=everyone - gone,
        inactive=gone,
        today=str(today),
        wearers=tuple(_wearer(member, tagging, today) for member, tagging in people),
    )


def _wearer(member: StaffMember, tagging: Tagging, today: date) -> Wearer:
    ends_on = str(tagging.ends_on or "")
    return Wearer(member.id, member.name, _initials(member), until_day(tagging.ends_on, today), ends_on)


def tags_of_member(work: Work, *, member_id: UUID) -> MemberTags:
    """Return what a person wears, for the editor. Raises NotFound."""
    work.require(Permission.EDIT_TAGS)
    member, today = work.get(StaffMember, member_id), today_of(work)
    query = (
        select(Tag, Tagging)
        .join(Tagging, col(Tagging.tag_id) == col(Tag.id))
        .where(Tagging.member_id == member.id, is_on(today))
        .order_by(col(Tag.key))
    )
    worn = tuple(
        WornTag(
            tag.id,
            tag.key,
            tag.name,
            tag.color,
            until_day(tagging.ends_on, today),
            str(tagging.ends_on or ""),
        )
        for tag, tagging in work.session.exec(query)
    )
    return MemberTags(member.id, member.name, str(today), worn)


def find_tags(work: Work, *, q: str, but: Sequence[UUID] = (), limit: int = CHOICES) -> FoundTags:
    """Return the first tags that fit what was typed, whatever its accents and case; `but` leaves some out."""
    work.require(Permission.EDIT_TAGS)
    left_out, wanted, shown = set(but), plain(q), tag_name(q)
    columns: tuple[Any, ...] = (Tag.id, Tag.key, Tag.name, Tag.color, Tag.group)
    query = _select(*columns).where(*is_open(work))
    everything = work.session.execute(query.order_by(col(Tag.key))).all()
    fits = [tag for tag in everything if wanted in plain(tag.name) and tag.id not in left_out]
    # What begins with it comes first, and the very word before all.
    fits.sort(key=lambda tag: (tag.key != tag_key(q), not plain(tag.name).startswith(wanted)))
    is_new = bool(shown) and all(tag.key != tag_key(shown) for tag in everything)
    first = tuple(Found(tag.id, tag.name, tag.group, tag.color) for tag in fits[:limit])
    return FoundTags(first, max(0, len(fits) - limit), shown if is_new else "")


def find_people(work: Work, *, q: str, but_tag_id: UUID | None = None) -> tuple[Found, ...]:
    """Return the first active people whose name has each word; not those who wear the tag.

    By the name alone: who edits tags need not be one who sees emails and phones.
    """
    work.require(Permission.EDIT_TAGS)
    position = func.instr if is_sqlite() else func.strpos
    typed = "".join(c for c in q if c.isprintable())[:100]
    has = [position(col(StaffMember.sort_name), word) > 0 for word in fold(typed).split()[:5]]
    query = select(StaffMember).where(StaffMember.org_id == work.org_id, ACTIVE, *has)
    if but_tag_id is not None:
        worn = select(Tagging.member_id).where(Tagging.tag_id == but_tag_id, is_on(today_of(work)))
        query = query.where(col(StaffMember.id).not_in(worn))
    found = work.session.exec(query.order_by(col(StaffMember.sort_name), col(StaffMember.id)).limit(CHOICES))
    return tuple(Found(one.id, one.name, one.designation, initials=_initials(one)) for one in found)


def _initials(member: StaffMember) -> str:
    return initials(member.first_name, member.last_name)
