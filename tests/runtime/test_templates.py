"""Templates: kept while they are written, saved as versions, copied into journeys, sharing blocks."""

from __future__ import annotations

from typing import Any

import pytest

from sojourn.runtime.governance import versions as journeys
from sojourn.runtime.templates import copying, library, shared
from sojourn.runtime.templates.library import ChangedMeanwhile, NoSuchTemplate, TemplateProblem
from sojourn.storage import templates, users
from sojourn.storage.database import Database, Tx

T0 = 1_790_000_000_000
ADA, BOB = "ada@example.com", "bob@example.com"


def letter(subject: str = "Hello", *blocks: dict[str, Any]) -> dict[str, Any]:
    return {"subject": subject, "blocks": [{"id": "b1", "kind": "text", "settings": {"text": "Hi"}}, *blocks]}


def test_a_draft_is_kept_while_it_is_written_and_only_versions_count(db: Database) -> None:
    def write(tx: Tx) -> list[Any]:
        first = library.create(tx, "Spring offer", letter(), ADA, T0)
        again = library.keep(tx, "spring-offer", "Spring offer", letter(), ADA, T0 + 5_000)
        one = library.save_version(tx, "spring-offer", ADA, T0, "the first")
        same = library.save_version(tx, "spring-offer", ADA, T0)
        library.keep(tx, "spring-offer", "Spring offer", letter("Now!"), ADA, T0 + 9_000)
        two = library.save_version(tx, "spring-offer", BOB, T0)
        library.restore(tx, "spring-offer", 1, BOB, T0)
        return [first.name, again.changed_at == first.changed_at, one.number, same.number, two.number]

    assert db.write(write) == ["spring-offer", True, 1, 1, 2]
    with db.read() as tx:
        template = library.named(tx, "spring-offer")
        assert (template.content["subject"], template.version) == ("Hello", 2)
        assert [(each.number, each.author, each.note) for each in library.versions(tx, "spring-offer")] == [
            (2, BOB, ""),
            (1, ADA, "the first"),
        ]
        assert [entry.action for entry in users.trail(tx)][-1:] == ["template.create"]


def test_two_who_write_at_once_do_not_undo_each_other(db: Database) -> None:
    seen = db.write(lambda tx: library.create(tx, "News", letter(), ADA, T0)).content_hash
    db.write(lambda tx: library.keep(tx, "news", "News", letter("Bob's"), BOB, T0 + 1, seen=seen))
    with pytest.raises(ChangedMeanwhile, match=r"bob@example\.com changed this meanwhile"):
        db.write(lambda tx: library.keep(tx, "news", "News", letter("Ada's"), ADA, T0 + 2, seen=seen))
    assert db.look(lambda tx: library.named(tx, "news")).content["subject"] == "Bob's"


def test_a_name_is_never_taken_twice_and_what_is_put_away_can_come_back(db: Database) -> None:
    def write(tx: Tx) -> list[str]:
        made = [library.create(tx, "News", letter(), ADA, T0), library.create(tx, "News", letter(), ADA, T0)]
        made.append(library.duplicate(tx, "news", ADA, T0))
        library.put_away(tx, "news", True, ADA, T0)
        library.rename(tx, "news-2", "Weekly news", ADA, T0)
        return [each.name for each in made]

    assert db.write(write) == ["news", "news-2", "news-copy"]
    assert {each.title for each in db.look(templates.templates)} == {"Weekly news", "News (copy)"}
    db.write(lambda tx: library.put_away(tx, "news", False, ADA, T0))
    assert len(db.look(templates.templates)) == 3


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({"subject": "x", "mjml": "<mjml></mjml>", "blocks": []}, "keep one"),
        ({"subject": "x", "blocks": [{"id": "a", "kind": "text"}, {"id": "a", "kind": "text"}]}, "two blocks called"),
        ({"subject": "x" * 999}, "Subject is longer"),
        ({"subject": "x", "script": "y"}, "Script is not known"),
        ({"subject": "x", "languages": {"not a language": {}}}, "language code"),
        ({"subject": "x", "mjml": "\x00"}, "cannot be seen"),
        ({"subject": "x", "mjml": "\ud800"}, "half a character"),
        ({"subject": "x", "mjml": "x" * 1_600_000}, "larger than 1.5 MB"),
    ],
)
def test_what_is_no_letter_is_refused_in_words(source: dict[str, Any], said: str, tmp_path: Any) -> None:
    from sojourn.runtime.letter_parts import NoSuchShape, checked_letter

    with pytest.raises(NoSuchShape, match=said):
        checked_letter(source)


def test_a_copy_stands_alone_and_says_when_there_is_something_newer(db: Database) -> None:
    def begin(tx: Tx) -> dict[str, Any]:
        library.create(tx, "Offer", letter("One"), ADA, T0)
        library.save_version(tx, "offer", ADA, T0)
        library.keep(tx, "offer", "Offer", letter("Being written"), ADA, T0)
        return copying.copy_of(tx, "offer")

    copy = db.write(begin) | {"utm": {"source": "news"}}
    assert (copy["subject"], copy["template"]) == ("One", {"name": "offer", "version": 1})
    assert db.look(lambda tx: (copying.newer(tx, copy), copying.changed_here(tx, copy))) == (None, False)
    assert db.look(lambda tx: copying.changed_here(tx, {**copy, "subject": "Mine"}))
    assert "primary" in copy["kit"]
    db.write(lambda tx: library.save_version(tx, "offer", ADA, T0))
    assert db.look(lambda tx: copying.newer(tx, copy)) == 2
    fresh = db.look(lambda tx: copying.updated(tx, copy))
    assert (fresh["subject"], fresh["template"]["version"], fresh["utm"]) == ("Being written", 2, {"source": "news"})
    with pytest.raises(NoSuchTemplate):
        db.look(lambda tx: copying.copy_of(tx, "gone"))
    start = db.look(lambda tx: copying.start_of(tx, "sale"))
    assert start["blocks"] and start["kit"]["primary"] and "template" not in start


def test_a_shared_block_changes_in_the_drafts_of_templates_and_never_in_a_journey(db: Database) -> None:
    footer = {"id": "b9", "kind": "footer", "settings": {"text": "Old Street 1"}, "show_if": {"segment": "vip"}}

    def begin(tx: Tx) -> None:
        ours = shared.share(tx, "Our footer", footer, ADA, T0)
        library.create(tx, "Offer", letter("Hello", ours), ADA, T0)
        library.save_version(tx, "offer", ADA, T0)
        content = {"name": "sale", "letters": {"one": copying.copy_of(tx, "offer")}, "nodes": {}}
        journeys.save_draft(tx, content, ADA, T0)
        changed = {"kind": "footer", "settings": {"text": "New Street 2"}}
        library.keep(tx, "our-footer", "Our footer", changed, ADA, T0)
        library.save_version(tx, "our-footer", ADA, T0)

    db.write(begin)
    with db.read() as tx:
        block = library.named(tx, "offer").content["blocks"][1]
        assert block["settings"] == {"text": "New Street 2"}
        assert (block["id"], block["show_if"], block["shared"]["version"]) == ("b9", {"segment": "vip"}, 2)
        assert library.versions(tx, "offer")[0].content["blocks"][1]["settings"] == {"text": "Old Street 1"}
        used = [(use.kind, use.name, use.letter, use.version) for use in shared.used_in(tx, "our-footer")]
        assert used == [("template", "offer", "", 2), ("journey", "sale", "one", 1)]
        held = copying.copy_of(tx, "offer")
        assert held["blocks"][1]["settings"] == {"text": "New Street 2"}
        in_journey = tx.value("SELECT draft FROM journeys")
        from sojourn.storage.columns import load

        letter_there = load(in_journey)["letters"]["one"]
        assert letter_there["blocks"][1]["settings"] == {"text": "Old Street 1"}
        assert copying.newer(tx, letter_there) == 1  # the same version, with a newer block
        assert copying.updated(tx, letter_there)["blocks"][1]["shared"]["version"] == 2


def test_a_template_cannot_be_called_what_a_page_is_called(db: Database) -> None:
    with pytest.raises(TemplateProblem, match="cannot be called"):
        db.write(lambda tx: library.keep(tx, "new", "New", letter(), ADA, T0))
    assert db.write(lambda tx: library.create(tx, "New", letter(), ADA, T0)).name == "new-2"
