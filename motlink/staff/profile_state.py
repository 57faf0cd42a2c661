"""A person's page: one switch a role, acting at once; details with a version, so that nothing is lost (LV-02)."""

from dataclasses import asdict
from typing import Any

import reflex as rx

from motlink.errors import NotFound
from motlink.permissions import Permission
from motlink.sign_in.entering import tell_elsewhere
from motlink.staff import actions, invitations, locking, place_edit, queries, resets, undo
from motlink.staff.errors import AskFirst, Changed
from motlink.staff.leaving_state import LeavingState
from motlink.staff.rows import HistoryLine, Profile
from motlink.staff.shown import ShownSwitch, ShownTag, shown_switches, shown_tags
from motlink.staff.shown_time import ShownTime, shown_picture, shown_stretches, shown_timeline
from motlink.staff.tag_editor_state import TagEditorState
from motlink.web.acting import Acting, as_id
from motlink.web.guard import requires
from motlink.web.live import read_again, subscribe


class ProfileState(Acting, rx.State):
    """One member. What a switch changes is kept in small vars of its own: a click sends little."""

    loaded: bool = False
    missing: bool = False
    id: str = ""
    person: dict[str, str] = {}
    state: str = ""
    left: str = ""
    joined: bool = False
    you: bool = False
    can_restore: bool = False
    touch_reason: str = ""
    may_correct_email: bool = False
    may_edit: bool = False
    monthly: str = ""
    switches: list[ShownSwitch] = []
    sections: list[str] = []
    staff_only: str = ""
    on: dict[str, bool] = {}
    notes: dict[str, str] = {}
    reasons: dict[str, str] = {}
    prices: dict[str, str] = {}
    history: list[dict[str, str]] = []
    sign_ins: list[dict[str, str]] = []
    locked: str = ""
    timeline: list[ShownTime] = []
    stretches: list[dict[str, str]] = []
    picture: dict[str, str] = {}
    tags: list[ShownTag] = []
    owner_question: str = ""

    @rx.event(supersedes=True)
    @requires(Permission.MANAGE_STAFF)
    async def load(self):
        """Read the person the address names."""
        self.owner_question = ""
        wanted = self.router.url.path.rstrip("/").rsplit("/", 1)[-1]
        if wanted != self.id:
            self.loaded = False
        try:
            found = await self._read(queries.profile, member_id=wanted)
        except NotFound:
            self.missing = True
            return
        self.missing = False
        self._show(found)
        subscribe(self, {"staff"}, ProfileState.refresh, screen=f"staff/{self.id}", ids=[found.id])
        self._count_down()

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def refresh(self, ids: list[str]):
        """Re-read after news about this person, or about everyone."""
        if self.id and (not ids or self.id in ids):
            await (await self.get_state(TagEditorState))._heard(ids)
            await self._reread()

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def set_role(self, member_id: str, role_id: str, on: bool):
        """Put a role on or off. What hits more than the switch shows asks first."""
        ids = {"member_id": member_id, "role_id": role_id}
        try:
            done = await self._perform(actions.switch_role, on=on, lets_through=AskFirst, **ids)
        except AskFirst:
            if on:
                self.owner_question = role_id
            else:
                yield LeavingState.ask(member_id)
            return
        if done and member_id == self.id:
            # The switch moves at once; notes and history follow when the page has been read again.
            self.on = {**self.on, role_id: on}
            yield
        await self._again(member_id)

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def make_owner(self, member_id: str, role_id: str):
        """Give Owner, once it has been asked."""
        self.owner_question = ""
        ids = {"member_id": member_id, "role_id": role_id}
        await self._perform(actions.switch_role, on=True, confirmed=True, **ids)
        return await self._again(member_id)

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def not_owner(self, _open: bool = False):
        """Close the question about Owner."""
        self.owner_question = ""

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def invite(self, member_id: str):
        """Send a new invitation, which ends the older link."""
        await self._perform(invitations.send_invitation, member_id=member_id)
        return await self._again(member_id)

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def reset_password(self, member_id: str):
        """Send a link to a new password."""
        if await self._perform(resets.send_reset, member_id=member_id):
            await tell_elsewhere(as_id(member_id), "password.reset_sent")
        return await self._again(member_id)

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def reactivate(self, member_id: str):
        """Make the person active again, with no roles."""
        await self._perform(actions.reactivate, member_id=member_id)
        return await self._again(member_id)

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def unlock(self, member_id: str):
        """Let the person in again who was locked out."""
        await self._perform(locking.unlock, member_id=member_id)
        return await self._again(member_id)

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def restore(self, member_id: str):
        """Switch the roles of before back on."""
        await self._perform(undo.restore_roles, member_id=member_id)
        return await self._again(member_id)

    async def _again(self, member_id: str) -> None:
        # A click that was kept while the line was down may come when another person's page is open.
        if member_id == self.id:
            await self._reread()

    async def _reread(self) -> None:
        found = await self._find(queries.profile, member_id=self.id)
        if found is not None:
            self._show(found)
            self._count_down()

    def _count_down(self) -> None:
        if self.left:
            read_again(self)

    def _show(self, found: Profile) -> None:
        state = str(found.state)
        self._set(
            id=str(found.id),
            person=_person(found),
            state=state,
            left=f"{found.minutes_left} min left" if state == "invited" else found.place.on_day,
            joined=found.joined,
            you=found.you,
            can_restore=found.can_restore,
            touch_reason=found.touch_reason,
            may_correct_email=found.may_correct_email,
            may_edit=found.you or found.touch_reason == "",
            monthly=found.monthly,
            switches=shown_switches(found.switches),
            sections=list(dict.fromkeys(switch.section for switch in found.switches)),
            staff_only=found.staff_only,
            on={str(switch.id): switch.on for switch in found.switches},
            notes={str(switch.id): switch.note for switch in found.switches if switch.note},
            reasons={str(switch.id): switch.reason for switch in found.switches if switch.reason},
            prices=found.prices,
            history=[_line(line) for line in found.history],
            sign_ins=[asdict(one) for one in found.sign_ins],
            locked=found.locked,
            timeline=shown_timeline(found.timeline),
            stretches=shown_stretches(found.timeline),
            picture=shown_picture(found.timeline),
            tags=shown_tags(found.tags),
            loaded=True,
        )

    def _set(self, **values: Any) -> None:
        """Assign only what differs: each assigned var is sent whole."""
        for name, value in values.items():
            if getattr(self, name) != value:
                setattr(self, name, value)


class EditState(Acting, rx.State):
    """The dialog for name, phone and designation."""

    open: bool = False
    member_id: str = ""
    version: int = 0
    typed: dict[str, str] = {}
    theirs: list[dict[str, str]] = []
    # What the fields offer while one types: locations, and people for the supervisor.
    places: list[str] = []
    people: list[str] = []

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def start(self, member_id: str):
        """Open the dialog with what is saved now."""
        found = await self._find(queries.profile, member_id=member_id)
        if found is None:
            return
        self.member_id, self.version = str(found.id), found.version
        known = {**asdict(found), **asdict(found.place)}
        self.typed = {name: known[name] for name in FIELDS}
        self.places = list(await self._find(place_edit.locations) or ())
        self.people = []
        self.errors, self.theirs, self.open = {}, [], True

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def close(self, _open: bool = False):
        """Close the dialog; nothing is saved. A freshly loaded screen has none open."""
        self.open = False

    @rx.event(supersedes=True)
    @requires(Permission.MANAGE_STAFF)
    async def find_supervisor(self, text: str):
        """Offer people while a name is typed."""
        self.people = list(await self._find(place_edit.people_named, text=text[:200]) or ())

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def save(self, form: dict[str, Any]):
        """Save. Where someone else saved meanwhile, show both and let the person decide."""
        typed = {name: str(form.get(name, "")) for name in FIELDS}
        facts = {name: typed[name] for name in FIELDS if name in place_edit.FACTS}
        try:
            done = await self._perform(
                actions.edit_member,
                member_id=self.member_id,
                version=self.version,
                lets_through=Changed,
                facts=facts,
                **{name: typed[name] for name in actions.DETAILS},
            )
        except Changed as changed:
            self.typed = typed
            self.theirs = [
                {"field": FIELDS[name], "value": value or "none"} for name, value in changed.theirs.items()
            ]
            # Not read again: a third person's save in between would be accepted unseen.
            self.version = changed.version
            return None
        if done is None:
            return None
        self.open = False
        return ProfileState.refresh([self.member_id])


FIELDS = {
    "first_name": "First name",
    "last_name": "Last name",
    "preferred_name": "Preferred name",
    "designation": "Job title",
    "phone": "Phone",
    "starts_on": "Start date",
    "location": "Location",
    "supervisor": "Supervisor",
}


def _person(found: Profile) -> dict[str, str]:
    names = ("name", "initials", "email", "phone", "designation", "username", "last_sign_in", "second_step")
    return {name: getattr(found, name) for name in names} | asdict(found.place)


def _line(line: HistoryLine) -> dict[str, str]:
    return {"what": line.what, "who": line.who, "at": line.at, "icon": line.icon}
