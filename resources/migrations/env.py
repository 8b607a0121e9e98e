"""Carries migrations out on the connection that the store hands over."""

from alembic import context

from resources.store import METADATA

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=METADATA)
context.run_migrations()
