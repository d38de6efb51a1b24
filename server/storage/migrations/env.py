"""Run by alembic, once per upgrade, with the connection that `upgrade` hands over."""

from alembic import context

from server.storage.metadata import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
