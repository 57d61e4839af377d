"""What the owner sets: typed as text, checked, kept, and forgotten again."""

import pytest

from sojourn.runtime import settings
from sojourn.storage import settings as rows
from sojourn.storage.database import Database


def test_a_setting_is_kept_until_it_is_taken_back(db: Database) -> None:
    db.write(lambda tx: settings.save(tx, "timezone", "Europe/Prague"))
    assert db.look(settings.load).zone.key == "Europe/Prague"
    db.write(lambda tx: settings.save(tx, "timezone", None))
    assert db.look(settings.load).timezone == "UTC"


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("sender_adress", "x", "did you mean `sender_address`"),
        ("sender_address", "nobody", "e-mail address"),
        ("timezone", "Europe/Prage", "did you mean Europe/Prague"),
        ("base_url", "javascript:alert(1)", "https://"),
        ("brand_color", "red; }", "it has to look like #2f6b4f"),
        ("sender_name", "Ann\nBcc: all@example.com", "control|one line"),
    ],
)
def test_a_wrong_setting_is_refused_in_words(db: Database, key: str, value: str, said: str) -> None:
    with pytest.raises(settings.SettingProblem, match=said):
        db.write(lambda tx: settings.save(tx, key, value))


def test_a_value_that_is_no_longer_allowed_falls_to_its_default(db: Database) -> None:
    db.write(lambda tx: rows.store(tx, "timezone", "Mars/Olympus"))
    db.write(lambda tx: rows.store(tx, "brand_name", "Shop"))
    assert db.look(settings.load).timezone == "UTC"
    assert db.look(settings.load).brand_name == "Shop"
