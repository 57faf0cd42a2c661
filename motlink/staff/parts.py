"""The small parts of the staff screens: chips, states, the sheet of actions. One look for one thing (look.md)."""

from collections.abc import Callable

import reflex as rx

from motlink.staff.words import STATE_WORDS

STATE_ICONS = {
    "active": ("circle-check", "ok"),
    "inactive": ("circle-off", "muted"),
    "locked": ("lock", "warn"),
    "expired": ("mail-x", "warn"),
    "no_role": ("circle-dashed", "warn"),
    "leaving": ("calendar-x-2", "muted"),
    "on_leave": ("plane", "muted"),
    "invited": ("send", "info"),
    "not_invited": ("mail", "muted"),
    "agent": ("building-2", "muted"),
    "no_baa": ("file-warning", "warn"),
}
# What a row has room for.
SHORT = {"expired": "Expired", "no_baa": "Check BAA"}
# States that say until when.
TIMED = {"invited", "leaving", "on_leave"}
Part = Callable[[rx.Var], rx.Component]
CHECK_ICONS = ("log_out", "send", "mail_x", "users", "receipt")
HISTORY_ICONS = (
    "user_plus",
    "send",
    "mail_check",
    "toggle_right",
    "toggle_left",
    "calendar_clock",
    "user_x",
    "user_check",
    "pencil",
    "file_down",
    "tag",
    "mail_x",
    "key_round",
    "undo_2",
    "calendar_x_2",
    "calendar_check_2",
    "plane",
    "plane_landing",
    "bell",
    "lock",
    "lock_open",
    "building_2",
    "file_text",
)


def icon(name: str, class_name: str = "") -> rx.Component:
    """A 15 px outline icon, silent for screen readers."""
    return rx.icon(name, size=15, stroke_width=1.75, class_name=class_name, aria_hidden="true")


def chosen_icon(name: rx.Var, names: tuple[str, ...], fallback: str = "circle") -> rx.Component:
    """One of a few icons, chosen by a word of the row."""
    return rx.match(name, *((one, icon(one.replace("_", "-"))) for one in names), icon(fallback))


def state_badge(state: rx.Var, left: rx.Var, *, pill: bool = False) -> rx.Component:
    """A coloured icon and a word; nothing for someone who is simply active in a list."""
    return rx.match(
        state,
        *((key, _state(key, left, pill)) for key in STATE_WORDS),
        rx.fragment(),
    )


def lock_mark(state: rx.Var) -> rx.Component:
    """The orange lock left of a name: a picture for the eye, words for the mouse and for those who hear the list."""
    lock = rx.tooltip(
        rx.el.span(icon("lock", "warn"), rx.el.span("Locked out", class_name="hide"), class_name="lock-mark"),
        content="Locked out: no sign-in for too long",
    )
    return rx.cond(state == "locked", lock)


def agent_mark(row: rx.Var) -> rx.Component:
    """The house of an External Agent before a name whose state says something else."""
    house = rx.tooltip(
        rx.el.span(
            icon("building-2", "muted"),
            rx.el.span("External Agent", class_name="hide"),
            class_name="agent-mark",
        ),
        content="External Agent",
    )
    return rx.cond(row["agent"] & (row["state"] != "agent"), house)


def agent_badge() -> rx.Component:
    """That somebody is an External Agent, beside the state on their Profile."""
    return _state("agent", rx.Var.create(""), pill=True)


def list_state(state: rx.Var, left: rx.Var) -> rx.Component:
    """The state of a row; a lock stands before the name already."""
    return rx.cond(state == "locked", rx.fragment(), state_badge(state, left))


def _state(key: str, left: rx.Var, pill: bool) -> rx.Component:
    icon_name, color = STATE_ICONS[key]
    # The word alone fits a row; the pill on the profile has room for all of it.
    words = STATE_WORDS[key] if pill else SHORT.get(key, STATE_WORDS[key])
    # Minutes are quiet; a day belongs to the words: "Leaves 30 Nov".
    quiet = "muted num" if key == "invited" else "num"
    time_left = rx.el.span(left, class_name=quiet) if key in TIMED else rx.fragment()
    # Where a row has no room for the minutes, the mouse still finds them.
    whole = {"title": words + " " + left.to(str)} if key in TIMED and not pill else {}
    return rx.el.span(
        icon(icon_name, color), words, time_left, class_name="state pill" if pill else "state", **whole
    )


@rx.memo
def role_chip(rest: rx.RestProp, *, held: rx.Var[dict]) -> rx.Component:
    """A role: tinted when paid, gray when free, dashed with the word "off" when switched off."""
    kind = rx.cond(held["on"], rx.cond(held["paid"], "chip role paid", "chip role"), "chip role off")
    return rx.el.span(
        rest, rx.el.span(held["name"], class_name="cut"), rx.cond(held["on"], "", " off"), class_name=kind
    )


@rx.memo
def tag_chip(rest: rx.RestProp, *, worn: rx.Var[dict]) -> rx.Component:
    """A tag: round, with a dot of its colour."""
    dot = rx.el.span(
        class_name="dot", style={"--dot": "var(--" + worn["color"].to(str) + "-9)"}, aria_hidden="true"
    )
    until = rx.cond(worn["until"] != "", rx.el.span(worn["until"], class_name="muted num"))
    return rx.el.span(rest, dot, rx.el.span(worn["name"], class_name="cut"), until, class_name="chip tag")


def role_chips(row: rx.Var) -> rx.Component:
    """The roles of a row, off ones muted."""
    return _chips(
        row["roles"],
        row["more_roles"],
        lambda role: role_chip(held=role, key=role["name"]),
        lambda role: rx.cond(role["on"], role["name"], role["name"].to(str) + " off"),
    )


def tag_chips(row: rx.Var) -> rx.Component:
    """The tags of a row."""
    return _chips(
        row["tags"],
        row["more_tags"],
        lambda tag: tag_chip(worn=tag, key=tag["name"]),
        lambda tag: tag["name"],
    )


def _chips(shown: rx.Var, rest: rx.Var, chip: Part, words: Callable[[rx.Var], rx.Var]) -> rx.Component:
    """What fits, then +n: its card shows all in full, under the mouse, on focus and on a tap."""
    some, others = rx.foreach(shown, chip), rx.foreach(rest, chip)
    count = "+" + rest.length().to_string()
    more = rx.el.button(
        count,
        type="button",
        class_name="chip more",
        aria_label=count + ": " + rest.foreach(words).join(", "),
        custom_attrs={"data-more": ""},
    )
    card = rx.hover_card.content(some, others, size="1", class_name="all-chips")
    return rx.el.div(
        some,
        rx.cond(rest.length() > 0, rx.hover_card.root(rx.hover_card.trigger(more), card)),
        class_name="chips",
    )


def avatar(initials: rx.Var, size: str = "2") -> rx.Component:
    """Initials in gray; the name stands beside it."""
    return rx.avatar(
        fallback=initials,
        size=size,
        radius="full",
        color_scheme="gray",
        high_contrast=True,
        aria_hidden="true",
    )
