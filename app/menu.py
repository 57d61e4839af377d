"""Which pages there are: the entries of the menu, and the pages that stand beside each other under one entry."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui

MENU = (
    ("Journeys", "/journeys", "route"),
    ("Approvals", "/approvals", "how_to_reg"),
    ("Content", "/templates", "dashboard_customize"),
    ("Audience", "/contacts", "group"),
    ("Data", "/events", "bolt"),
    ("Sending", "/policy", "send"),
    ("Privacy", "/consent", "shield"),
    ("Mailbox", "/mailbox", "mail"),
    ("Health", "/health", "monitor_heart"),
    ("Settings", "/settings", "tune"),
)
SECTIONS: dict[str, tuple[tuple[str, str], ...]] = {  # the pages of an entry, as a row of links above each of them
    "Content": (
        ("Templates", "/templates"),
        ("Shared blocks", "/shared-blocks"),
        ("Brand", "/brand"),
        ("Products", "/products"),
        ("Coupons", "/coupons"),
        ("Outside facts", "/outside-facts"),
    ),
    "Audience": (
        ("Contacts", "/contacts"),
        ("Segments", "/segments"),
        ("Duplicates", "/duplicates"),
        ("Sign-up forms", "/sign-up-forms"),
    ),
    "Data": (
        ("Events", "/events"),
        ("Contracts", "/contracts"),
        ("Quality", "/quality"),
        ("Features", "/features"),
        ("In and out", "/in-and-out"),
    ),
    "Sending": (
        ("Policy", "/policy"),
        ("Overlap", "/overlap"),
        ("Channels", "/channels"),
        ("Deliverability", "/deliverability"),
        ("On the site", "/on-site"),
        ("Tasks", "/tasks"),
        ("Letters on paper", "/paper"),
    ),
    "Privacy": (
        ("Consent", "/consent"),
        ("Requests", "/requests"),
        ("Suppressed", "/suppressions"),
        ("Retention", "/retention"),
        ("Record", "/record"),
    ),
}
OWNERS = (("People", "/people", "manage_accounts"),)  # on a phone it is in the menu of the account


def menu(active: str, with_people: bool, badge: Callable[[], None]) -> None:
    """The menu; ``badge`` draws how many reviews wait."""
    with ui.element("nav").classes("sj-nav").props('aria-label="Pages"'):
        for label, target, icon in (*MENU, *(OWNERS if with_people else ())):
            with ui.link(target=target).classes("sj-nav-item") as link:
                if target == "/people":
                    link.classes("is-desk")
                ui.icon(icon)
                ui.label(label)
                if target == "/approvals":
                    badge()
            if active == label or active in dict(SECTIONS.get(label, ())):
                link.classes("is-active").props('aria-current="page"')


def siblings(active: str) -> None:
    """The pages beside this one, where its entry in the menu has several."""
    pages = next((pages for pages in SECTIONS.values() if active in dict(pages)), None)
    if pages is None or len(pages) < 2:
        return
    with ui.element("nav").classes("sj-siblings").props('aria-label="Pages of this section"'):
        for label, target in pages:
            with ui.link(label, target=target).classes("sj-sibling") as link:
                if label == active:
                    link.classes("is-active").props('aria-current="page"')
