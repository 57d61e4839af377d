"""touches of before: what went in the last 60 days counts against caps from the first day on"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SENT = "m.status IN ('sent', 'in_doubt', 'sending')"


def upgrade() -> None:
    postgres = op.get_bind().dialect.name == "postgresql"
    said = "v.content ->> '{}'" if postgres else "json_extract(v.content, '$.{}')"
    owed = said.format("message_type") + " = 'transactional'"
    op.execute(
        "INSERT INTO touches (message_id, contact_id, at, channel, topic, rank, journey_id, enrollment_id, node,"
        " arrived_at) SELECT m.id, COALESCE(c.merged_into, c.id), COALESCE(m.sent_at, m.queued_at), m.channel,"
        f" COALESCE({said.format('topic')}, 'marketing'), CASE WHEN {owed} THEN 0 ELSE 3 END, m.journey_id,"
        " m.enrollment_id, m.node, 0 FROM messages m JOIN contacts c ON c.id = m.contact_id"
        f" LEFT JOIN versions v ON v.id = m.version_id WHERE {SENT} AND c.erased_at IS NULL"
        f" AND COALESCE(m.sent_at, m.queued_at) > (SELECT max(sent_at) FROM messages) - {60 * 86_400_000}"
        " AND NOT EXISTS (SELECT 1 FROM touches t WHERE t.message_id = m.id)"
    )
    op.execute(
        "UPDATE messages SET rank = 0 WHERE status IN ('queued', 'leased') AND version_id IN"
        f" (SELECT v.id FROM versions v WHERE {owed})"
    )


def downgrade() -> None:
    raise RuntimeError("A database does not go back: restore the backup made before the upgrade.")
