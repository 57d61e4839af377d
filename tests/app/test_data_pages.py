"""The pages about data: what each role sees, what a download gives, and names that lead nowhere."""

from __future__ import annotations

import asyncio
import csv
import io

import pytest

from .visitor import Visitor, click

CHANGES = {
    "/contracts": ("Import", "New contract"),
    "/in-and-out": ("Import contacts", "Import events", "Download", "New connection", "New webhook"),
}


def labels(visitor: Visitor, path: str) -> set[str]:
    """Every button of a page."""
    return {str(element.get("props", {}).get("label")) for element in visitor.open(path).elements.values()}


@pytest.mark.parametrize("path", CHANGES)
def test_only_who_may_change_is_shown_how(owner: Visitor, viewer: Visitor, path: str) -> None:
    assert {*CHANGES[path]} <= labels(owner, path)
    assert not {*CHANGES[path]} & labels(viewer, path)


@pytest.mark.parametrize("name", ["", "never seen", "a/b?c=d", "x" * 5_000, "'; DROP TABLE contracts"])
def test_a_contract_nobody_has_is_said(owner: Visitor, name: str) -> None:
    answer = owner.http.get("/contracts/event", params={"name": name})
    assert answer.status_code == 200 and "There is no such event" in answer.text


def test_a_shipped_contract_can_be_read_before_anything_came(viewer: Visitor) -> None:
    text = viewer.open("/contracts/event?name=purchased").text
    assert "order_id" in text and "An order was paid or placed." in text


def test_quality_says_what_it_waits_for(owner: Visitor) -> None:
    assert "Quality" in owner.open("/quality").text


def test_a_download_is_for_those_who_may_edit(owner: Visitor, viewer: Visitor, stranger: Visitor) -> None:
    address = "/in-and-out/export/contacts.csv"
    answer = owner.http.get(address)
    assert answer.status_code == 200 and "attachment" in answer.headers["content-disposition"]
    heads = next(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert heads[:4] == ["external_id", "email", "phone", "created_at"]
    for other in (viewer, stranger):
        assert other.http.get(address).status_code == 403
    for missing in ("/in-and-out/export/users.csv", "/in-and-out/export/contacts.xlsx", address + "?segment=nobody"):
        assert owner.http.get(missing).status_code == 404


def test_an_events_file_and_parquet_are_given_too(owner: Visitor) -> None:
    events = owner.http.get("/in-and-out/export/events.csv", params={"event": "purchased"})
    assert events.content.decode("utf-8-sig").startswith("message_id,external_id,email,event,at")
    parquet = owner.http.get("/in-and-out/export/contacts.parquet")
    assert parquet.status_code == 200 and parquet.content[:4] == b"PAR1"


def test_a_button_pressed_by_hand_after_sign_out_opens_nothing(owner: Visitor) -> None:
    page = owner.open("/in-and-out?part=webhooks")

    async def press() -> int:
        socket = await owner.socket(page)
        owner.http.post("/sign-out", headers={"Origin": owner.address})
        grew: list[object] = []
        socket.on("update", grew.append)
        await socket.emit("event", click(page, "New webhook"))
        await asyncio.sleep(0.5)
        await socket.disconnect()
        return sum("Make it" in str(update) for update in grew)

    assert asyncio.run(press()) == 0
