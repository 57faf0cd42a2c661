"""Who may send which event and which request, stated apart from the code: a name that is missing here fails the build.

The guard's markers are not read; what a role may do comes from the catalogue. A new handler or route gets a line here.
"""

from motlink.permissions import Permission as P

# Anyone, even signed out: it touches nothing but the sender's own screen.
PUBLIC = "public"
# Any member with a role on.
MEMBER = "member"
# Nobody at all.
NOBODY = "nobody"
# The framework's own, which runs for anyone and has nothing of ours to give.
FRAMEWORK = "framework"

Rule = P | str

# state.handler: rule
HANDLERS: dict[str, Rule] = {
    "add_state.load": P.MANAGE_STAFF,
    "add_state.save": P.MANAGE_STAFF,
    "add_state.tick": P.MANAGE_STAFF,
    "add_state.typed_email": P.MANAGE_STAFF,
    "add_state.typed_name": P.MANAGE_STAFF,
    "add_state.way_out": P.MANAGE_STAFF,
    "audit_state.filter_action": P.READ_AUDIT,
    "audit_state.filter_who": P.READ_AUDIT,
    "audit_state.load": P.READ_AUDIT,
    "audit_state.turn_to": P.READ_AUDIT,
    "edit_state.close": P.MANAGE_STAFF,
    "edit_state.save": P.MANAGE_STAFF,
    "edit_state.start": P.MANAGE_STAFF,
    "import_state.load": P.MANAGE_STAFF,
    "import_state.put_away": P.MANAGE_STAFF,
    "import_state.refresh": P.MANAGE_STAFF,
    "import_state.show_fate": P.MANAGE_STAFF,
    "import_state.start": P.MANAGE_STAFF,
    "import_state.take_back": P.MANAGE_STAFF,
    "import_state.take_column": P.MANAGE_STAFF,
    "import_state.take_reading": P.MANAGE_STAFF,
    "import_state.turn_to": P.MANAGE_STAFF,
    "imports_state.load": P.MANAGE_STAFF,
    "leaving_state.ask": P.MANAGE_STAFF,
    "leaving_state.choose": P.MANAGE_STAFF,
    "leaving_state.close": P.MANAGE_STAFF,
    "leaving_state.deactivate": P.MANAGE_STAFF,
    "notice_state.dismiss": PUBLIC,
    "notice_state.failed": PUBLIC,
    "notice_state.press_undo": MEMBER,
    "notice_state.refused": PUBLIC,
    "profile_state.invite": P.MANAGE_STAFF,
    "profile_state.load": P.MANAGE_STAFF,
    "profile_state.make_owner": P.MANAGE_STAFF,
    "profile_state.not_owner": P.MANAGE_STAFF,
    "profile_state.reactivate": P.MANAGE_STAFF,
    "profile_state.refresh": P.MANAGE_STAFF,
    "profile_state.restore": P.MANAGE_STAFF,
    "profile_state.set_role": P.MANAGE_STAFF,
    "roster_state.clear": P.MANAGE_STAFF,
    "roster_state.filter_role": P.MANAGE_STAFF,
    "roster_state.filter_tag": P.MANAGE_STAFF,
    "roster_state.load": P.MANAGE_STAFF,
    "roster_state.pick": P.MANAGE_STAFF,
    "roster_state.put_down": P.MANAGE_STAFF,
    "roster_state.refresh": P.MANAGE_STAFF,
    "roster_state.search": P.MANAGE_STAFF,
    "roster_state.show_inactive": P.MANAGE_STAFF,
    "roster_state.sort_by": P.MANAGE_STAFF,
    "roster_state.turn_to": P.MANAGE_STAFF,
    "who_state.ended": PUBLIC,
    "who_state.enter": MEMBER,
    "who_state.leave": PUBLIC,
    "who_state.load": MEMBER,
    "who_state.look_around": MEMBER,
    "who_state.no_role": PUBLIC,
    "who_state.not_allowed": PUBLIC,
    "who_state.not_here": PUBLIC,
    "who_state.reread": MEMBER,
    "who_state.stand": P.MANAGE_STAFF,
    # Reflex's own, by name; `setvar` stands on every state and would set anything.
    "frontend_event_exception_state.handle_frontend_exception": FRAMEWORK,
    "on_load_internal_state.on_load_internal": FRAMEWORK,
    "on_load_internal_state.set_is_hydrated": FRAMEWORK,
    "state.hydrate": FRAMEWORK,
    "state.hydrate_and_load": FRAMEWORK,
    "state.set_is_hydrated": FRAMEWORK,
    "update_vars_internal_state.update_vars_internal": FRAMEWORK,
    "add_state.setvar": NOBODY,
    "audit_state.setvar": NOBODY,
    "edit_state.setvar": NOBODY,
    "frontend_event_exception_state.setvar": NOBODY,
    "import_state.setvar": NOBODY,
    "imports_state.setvar": NOBODY,
    "leaving_state.setvar": NOBODY,
    "notice_state.setvar": NOBODY,
    "on_load_internal_state.setvar": NOBODY,
    "profile_state.setvar": NOBODY,
    "roster_state.setvar": NOBODY,
    "shared_state_base_internal.setvar": NOBODY,
    "state.setvar": NOBODY,
    "update_vars_internal_state.setvar": NOBODY,
    "who_state.setvar": NOBODY,
}

# (method, path): rule. A path may hold {practice}; one with a Permission gives rows to those who have it alone.
ROUTES: dict[tuple[str, str], Rule] = {
    ("GET", "/"): PUBLIC,
    ("GET", "/health"): PUBLIC,
    ("GET", "/sign-in"): PUBLIC,
    ("POST", "/sign-in"): PUBLIC,
    ("GET", "/sign-out"): PUBLIC,
    ("POST", "/sign-out"): PUBLIC,
    # Shows the sender's own practices; sends whoever has no open session to the door.
    ("GET", "/choose-practice"): MEMBER,
    ("GET", "/invitation"): PUBLIC,
    ("POST", "/invitation"): PUBLIC,
    ("GET", "/set-up"): PUBLIC,
    ("POST", "/set-up"): PUBLIC,
    ("GET", "/p/{practice:str}/settings/audit.csv"): P.READ_AUDIT,
    ("GET", "/p/{practice:str}/settings/staff.csv"): P.MANAGE_STAFF,
    ("GET", "/p/{practice:str}/settings/staff/import/{batch_id:str}/refused.csv"): P.MANAGE_STAFF,
    ("POST", "/p/{practice:str}/settings/staff/import"): P.MANAGE_STAFF,
    ("GET", "/ping"): FRAMEWORK,
    ("GET", "/_health"): FRAMEWORK,
    ("ANY", "/_event"): FRAMEWORK,
}
