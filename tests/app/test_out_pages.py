"""Tasks and letters on paper name people: only those who may edit take them away, and it is written down."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sojourn.app.instance import Instance
from sojourn.runtime.channels.direct_mail import PaperSettings
from sojourn.runtime.paper import batches
from sojourn.storage import crm_tasks, mail_pieces

from .visitor import Visitor

ANN = {"name": "Ann Hill", "street": "A 1", "street2": "", "postcode": "110 00", "city": "Praha", "country": ""}


@pytest.fixture
def kept(stage_home: Path, stage: str) -> Iterator[Instance]:
    """The stage's instance with a task and a closed batch."""
    instance = Instance.open(stage_home)
    now_ms = instance.clock.now_ms()
    task = (1, 1, "", "call", "Call Ann", "", "", "5", "EUR", now_ms, now_ms, "open", "", None)
    instance.db.write(lambda tx: crm_tasks.put(tx, [task]))
    instance.db.write(lambda tx: mail_pieces.place(tx, [(1, 1, "printer", ANN, {"letter": "Dear Ann"}, now_ms)]))
    settings = PaperSettings.model_validate({"sender": "Acme", "home_country": "CZ"})
    batches.close(instance.db, "printer", settings, now_ms)
    yield instance
    instance.close()


def test_only_those_who_may_edit_take_tasks_and_letters_away(
    kept: Instance, owner: Visitor, viewer: Visitor, stranger: Visitor
) -> None:
    for path in ("/tasks/tasks.csv", "/paper/batch-1.zip"):
        assert stranger.http.get(path).status_code == 403
        assert viewer.http.get(path).status_code == 403
    assert "Call Ann" in owner.http.get("/tasks/tasks.csv").text
    assert owner.http.get("/tasks/tasks.csv?status=gone").status_code == 404
    file = zipfile.ZipFile(io.BytesIO(owner.http.get("/paper/batch-1.zip").content))
    assert "Ann Hill" in file.read("addresses.csv").decode()
    assert owner.http.get("/paper/batch-99.zip").status_code == 404
    batch = kept.db.look(lambda tx: mail_pieces.batch(tx, 1))
    assert batch is not None and batch.taken_by == "owner@example.com"
    said = kept.db.look(lambda tx: tx.rows("SELECT subject FROM audit_entries WHERE action = 'exported'"))
    assert ("tasks",) in said and ("letters of batch 1",) in said
    for path, words in (("/tasks", "Call Ann"), ("/paper", "printer"), ("/on-site", "data-sojourn-inbox")):
        assert words in owner.http.get(path).text
        assert stranger.http.get(path).status_code == 303
