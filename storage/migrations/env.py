"""How Alembic reaches the store: by the connection `storage.migrate` hands over."""

from alembic import context

from sojourn.storage.migrate import options

connection = context.config.attributes["connection"]
context.configure(connection=connection, **options(connection))
with context.begin_transaction():
    context.run_migrations()
