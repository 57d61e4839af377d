"""Who was erased is known again by a keyed digest, and nobody can read who it was."""

from sojourn.storage import tombstones
from sojourn.storage.database import Database

ADA, BOB = ("email", "ada@example.com"), ("phone", "+420601123456")


def test_a_buried_name_is_known_again_until_it_is_lifted(db):
    db.write(lambda tx: tombstones.bury(tx, [ADA, BOB], 1))
    db.write(lambda tx: tombstones.bury(tx, [ADA], 2))
    assert db.look(lambda tx: tombstones.buried(tx, [ADA, BOB, ("email", "eve@example.com")])) == {ADA, BOB}

    db.write(lambda tx: tombstones.lift(tx, [ADA]))
    assert db.look(lambda tx: tombstones.buried(tx, [ADA, BOB])) == {BOB}


def test_a_tombstone_holds_nothing_to_read_and_needs_the_key_of_the_instance(db, database_url):
    db.write(lambda tx: tombstones.bury(tx, [ADA], 1))
    kept = db.look(lambda tx: tx.rows("SELECT * FROM tombstones"))
    assert "ada" not in str(kept)

    other = Database(database_url, key=b"the key of another instance")
    assert other.look(lambda tx: tombstones.buried(tx, [ADA])) == set()
    other.close()
