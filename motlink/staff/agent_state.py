"""New External Agent: the question before, then two ways: an invitation by email, or the agent's Token and Code."""

import time
from typing import Any

import reflex as rx

from motlink.accounts.agent_keys import WrongAgentKey
from motlink.permissions import Permission
from motlink.settings import settings
from motlink.staff import actions, agents, invitations, queries
from motlink.staff.errors import AgentHere, AlreadyHere
from motlink.web.acting import Acting
from motlink.web.agent_tries import TOO_MANY, may_try, until_the_beat, was_right
from motlink.web.guard import requires


class AgentState(Acting, rx.State):
    """Who is here already, and what is wrong. Typed text stays in the browser."""

    loaded: bool = False
    sender: str = ""
    # The question that "New External Agent" asks in the list.
    asking: bool = False
    taken: dict[str, str] = {}
    here: dict[str, str] = {}
    # The email that was sent last.
    _refused: str = ""

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def ask(self):
        """Say what an External Agent is, before anything else."""
        self.asking = True

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def close(self, _open: bool = False):
        """Shut the question."""
        self.asking = False

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def go_on(self):
        """To the form, once it has been read."""
        self.asking = False
        return rx.redirect(f"/p/{self._visitor.practice}/settings/staff/new-agent")

    @rx.event(supersedes=True)
    @requires(Permission.MANAGE_STAFF)
    async def load(self):
        """Start empty forms."""
        self.reset()
        self.sender, self.loaded = settings().mail_from, True

    @rx.event(supersedes=True)
    @requires(Permission.MANAGE_STAFF)
    async def typed_email(self, text: str):
        """Say who has this email here already, while it is typed (TA-18)."""
        found = await self._find(queries.email_notice, email=text)
        way = found.ways[0] if found and found.ways else ""
        self.taken = (
            {"id": str(found.member_id), "name": found.name, "sentence": found.sentence, "way": way}
            if found
            else {}
        )
        # As in the form of staff: what was typed before the button is told after it.
        if text != self._refused:
            self.errors = {field: words for field, words in self.errors.items() if field != "email"}

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def invite(self, form: dict[str, Any]):
        """Send the invitation; roles come next, on the Profile."""
        fields = {name: str(form.get(name, "")) for name in ("first_name", "last_name", "email")}
        self._refused = fields["email"]
        try:
            done = await self._perform(agents.invite_agent, lets_through=AlreadyHere, **fields)
        except AlreadyHere:
            return AgentState.typed_email(fields["email"])
        if done:
            return self._to_profile(done.member_id)
        return rx.set_focus(next(iter(self.errors))) if self.errors else None

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def add(self, form: dict[str, Any]):
        """Add the agent whose Token and Code were typed; roles come next, on the Profile."""
        self.here = {}
        token, code = (str(form.get(name, ""))[:60] for name in ("token", "code"))
        if missing := _missing(token, code):
            self.errors = missing
            return rx.set_focus(next(iter(missing)))
        if not await may_try(self._visitor, token):
            self.errors = {"code": TOO_MANY}
            return None
        return await self._add(token, code)

    async def _add(self, token: str, code: str) -> Any:
        start = time.monotonic()
        lets_through = (WrongAgentKey, AgentHere)
        try:
            done = await self._perform(agents.add_agent, token=token, code=code, lets_through=lets_through)
        except WrongAgentKey as wrong:
            await until_the_beat(start)
            self.errors = {"code": str(wrong)}
            return rx.set_focus("code")
        except AgentHere as found:
            await was_right(self._visitor, token)
            self.here = {"id": str(found.member_id), "sentence": str(found)}
            return None
        await was_right(self._visitor, token)
        return self._to_profile(done.member_id) if done else None

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def way_out(self, way: str, member_id: str):
        """Take the way out that the notice offers: reactivate, or invite again; then open the Profile."""
        act = actions.reactivate if way == "reactivate" else invitations.send_invitation
        return self._to_profile(member_id) if await self._perform(act, member_id=member_id) else None

    def _to_profile(self, member_id: Any) -> rx.event.EventSpec:
        return rx.redirect(f"/p/{self._visitor.practice}/settings/staff/{member_id}")


def _missing(token: str, code: str) -> dict[str, str]:
    wrong = {} if token.strip() else {"token": "Token is needed: eight letters, from the agent."}
    return wrong if code.strip() else wrong | {"code": "Code is needed: eight digits, from the agent."}
