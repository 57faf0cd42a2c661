"""The frame of every screen: menu at the left, one white sheet beside it, a top bar with its tabs, the notice."""

from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import Any

import reflex as rx

from motlink.permissions import Permission
from motlink.staff.batch_parts import batch_panel
from motlink.web.components import calm, icon, quiet_button, skeleton
from motlink.web.menus import Opener, appearance
from motlink.web.notices import notices
from motlink.web.time_state import ending_soon
from motlink.web.who import SETTINGS_TABS, WhoState

Tip = Callable[[rx.Component, str | rx.Var], rx.Component]
# A plain form: Reflex's own would not post. The menu's entry submits it.
SIGN_OUT_FORM = '<form method="post" action="/sign-out" id="sign-out" hidden></form>'
SIGN_OUT: rx.vars.FunctionVar = rx.vars.FunctionStringVar(
    "(() => document.getElementById('sign-out').submit())"
)
# By a full page load: the page is the door's, not Reflex's.
ACCOUNT: rx.vars.FunctionVar = rx.vars.FunctionStringVar("(() => window.location.assign('/account'))")


def address(path: str | rx.Var[str]) -> rx.Var[str]:
    """Return the address of one of the practice's screens."""
    return "/p/" + WhoState.slug.to(str) + "/" + path  # type: ignore[return-value]  # a Var added to text is a Var


def settings_page(
    *content: Any, tab: str, ready: Any, bottom: Any = None, class_name: str = ""
) -> rx.Component:
    """A screen of Practice Settings. `ready` says when its rows are there; until then it is a skeleton."""
    sheet = rx.el.main(
        _bar("Practice Settings", tab),
        _mail_banner(),
        rx.el.div(
            rx.cond(
                WhoState.barred != "",
                barred(),
                rx.cond(ready & WhoState.ready, rx.fragment(*content), skeleton(12, "Loading")),
            ),
            id="content",
            tab_index=-1,
            class_name=f"page {class_name}",
        ),
        rx.cond(WhoState.barred == "", bottom) if bottom else rx.fragment(),
        class_name="sheet",
    )
    return rx.el.div(
        rx.el.a("Skip to the content", href="#content", class_name="skip"),
        rx.el.div(rx.el.nav(_menu(), aria_label="Main", class_name="menu"), sheet, class_name="shell"),
        notices(batch_panel(), ending_soon()),
        rx.html(SIGN_OUT_FORM),
        custom_attrs={"data-ready": rx.cond(rx.State.is_hydrated & ready, "1", "")},
    )


def _menu() -> rx.Component:
    # A stranger's menu would hold a practice and a person without names.
    parts = rx.fragment(_orgs(_tip), *_entries(_tip), rx.el.div(_person(_tip), class_name="foot"))
    return rx.cond(WhoState.barred == "not_here", rx.fragment(), parts)


def _tip(child: rx.Component, words: str | rx.Var) -> rx.Component:
    """Say an icon's word under the mouse and on focus, where the menu is too narrow for it."""
    return rx.tooltip(child, content=words, side="right", class_name="menu-tip")


def _no_tip(child: rx.Component, _words: str | rx.Var) -> rx.Component:
    return child


def _orgs(tip: Tip) -> rx.Component:
    """ "Orgs": my practices, each with its "Settings"."""
    trigger = rx.el.button(
        rx.el.img(src="/logo.svg", alt="", width="28", height="28"),
        rx.el.span(
            rx.el.span("Orgs", class_name="muted"),
            rx.el.span(WhoState.practice_name, class_name="cut", dir="auto"),
            class_name="two-lines label",
        ),
        rx.el.span(icon("chevrons-up-down"), class_name="muted label", style={"margin-left": "auto"}),
        class_name="org touch",
        type="button",
        aria_label="Orgs: " + WhoState.practice_name,
    )
    return rx.dropdown_menu.root(
        tip(Opener.create(trigger), WhoState.practice_name),
        rx.dropdown_menu.content(
            rx.foreach(
                WhoState.practices,
                # A link inside an entry would not hear Enter.
                lambda one: rx.dropdown_menu.item(
                    rx.el.span(rx.cond(one["current"], icon("check", "info")), class_name="org-check"),
                    one["name"] + ": Settings",
                    on_select=rx.call_function(_full_load_of(one["href"])),
                    custom_attrs={"aria-current": rx.cond(one["current"], "true", rx.Var("undefined"))},
                ),
            ),
        ),
        modal=False,
    )


def _full_load_of(href: rx.Var) -> rx.vars.FunctionVar:
    """Another practice begins with a full load: until it has loaded, no row of this one stands under its name."""
    go_there = f"(() => window.location.assign({href!s}))"
    return rx.vars.FunctionStringVar(go_there, _var_data=rx.vars.VarData.merge(href._get_all_var_data()))


def _entries(tip: Tip) -> tuple[rx.Component, ...]:
    may = [WhoState.may[permission.value] for _, _, permission in SETTINGS_TABS]
    first = reduce(
        lambda rest, tab: rx.cond(WhoState.may[tab[2].value], address(tab[1]), rest),
        reversed(SETTINGS_TABS),
        address("settings/staff"),
    )
    any_tab = reduce(or_, may)
    entry = rx.link(
        icon("sliders-horizontal", size=16),
        rx.el.span("Practice Settings", class_name="label"),
        href=first,
        class_name="menu-item",
        underline="none",
        custom_attrs={"aria-current": "true"},
    )
    return (
        rx.cond(any_tab, rx.el.div("Practice", class_name="menu-group")),
        rx.cond(any_tab, tip(entry, "Practice Settings")),
    )


def _person(tip: Tip) -> rx.Component:
    trigger = rx.el.button(
        rx.avatar(
            fallback=WhoState.initials, size="2", radius="full", color_scheme="gray", high_contrast=True
        ),
        rx.el.span(
            rx.el.span(WhoState.person, class_name="cut", dir="auto"),
            rx.el.span(WhoState.roles, class_name="cut muted"),
            class_name="two-lines label",
        ),
        class_name="who-am-i touch",
        type="button",
        aria_label="You: " + WhoState.person,
    )
    return rx.dropdown_menu.root(
        tip(Opener.create(trigger), WhoState.person),
        rx.dropdown_menu.content(
            appearance(),
            rx.dropdown_menu.separator(),
            rx.dropdown_menu.item("Your account", on_select=rx.call_function(ACCOUNT)),
            rx.dropdown_menu.item("Sign out", on_select=rx.call_function(SIGN_OUT)),
        ),
        modal=False,
    )


def _bar(title: str, tab: str) -> rx.Component:
    return rx.el.header(
        _drawer(),
        rx.el.span(title, class_name="title"),
        rx.el.nav(
            *(_tab(word, path, may, tab) for word, path, may in SETTINGS_TABS),
            aria_label=title,
            class_name="line tabs-scroll",
        ),
        rx.cond(
            WhoState.here.length() > 0,
            rx.el.span(
                WhoState.here.join(", "),
                " here too",
                class_name="muted not-phone",
                style={"margin-left": "auto", "font-size": "12px"},
            ),
        ),
        class_name="bar",
    )


def _tab(word: str, path: str, permission: Permission, current: str) -> rx.Component:
    here = {"aria-current": "page"} if word == current else {}
    link = rx.link(word, href=address(path), class_name="tab", underline="none", custom_attrs=here)
    return rx.cond(WhoState.may[permission.value], link)


def _drawer() -> rx.Component:
    """On a phone the menu folds behind a button; Escape closes it and gives the focus back."""
    return rx.dialog.root(
        rx.dialog.trigger(
            rx.icon_button(
                icon("menu", size=18),
                variant="ghost",
                color_scheme="gray",
                high_contrast=True,
                aria_label="Menu",
                class_name="phone-only",
            )
        ),
        rx.dialog.content(
            rx.dialog.title("Menu", class_name="hide"),
            rx.dialog.description("Practices, screens and your account", class_name="hide"),
            _orgs(_no_tip),
            *_entries(_no_tip),
            rx.el.hr(style={"border": "0", "border-top": "1px solid var(--line)", "width": "100%"}),
            _person(_no_tip),
            class_name="drawer",
        ),
    )


def _mail_banner() -> rx.Component:
    words = "Emails are not sent: they go to a folder on the server. Your operator sets MOTLINK_MAIL."
    return rx.cond(
        WhoState.mail_to_folder, rx.el.div(icon("mail-warning"), words, class_name="banner", role="note")
    )


def barred() -> rx.Component:
    """Why there is no screen here, calmly."""
    return rx.match(
        WhoState.barred,
        (
            "not_here",
            calm(
                "This is not here",
                "There is no such practice, or you have no place in it. "
                "Ask for an invitation, or choose another practice.",
            ),
        ),
        (
            "nothing_yet",
            calm(
                "You are in",
                "No screen is open to your roles yet. There is nothing you have to do.",
                rx.el.div(
                    quiet_button("Your account", on_click=rx.call_function(ACCOUNT)),
                    quiet_button("Sign out", on_click=rx.call_function(SIGN_OUT)),
                    class_name="line",
                ),
            ),
        ),
        calm(
            "Your roles do not allow this",
            "An owner or manager of the practice can give you the role it needs.",
        ),
    )
