"""The one catalogue of tables: whoever declares a table does so with this `metadata`."""

from sqlalchemy import MetaData

metadata = MetaData(
    # A constraint without a name cannot be changed by a later migration; so every one gets a name.
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
