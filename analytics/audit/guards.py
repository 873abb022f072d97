"""Triggers that make the database itself refuse to change or delete rows of the audit log."""

from typing import Any

from django.db import connection as default_connection

TABLE = "analytics_auditrecord"
REFUSAL = "rows of the audit log are never changed or deleted"
NAMES = (f"{TABLE}_no_update", f"{TABLE}_no_delete")

SQLITE = (
    f"CREATE TRIGGER IF NOT EXISTS {TABLE}_no_update BEFORE UPDATE ON {TABLE} "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    f"CREATE TRIGGER IF NOT EXISTS {TABLE}_no_delete BEFORE DELETE ON {TABLE} "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
)
# TRUNCATE of an empty table passes: it takes nothing away, and test runs do it.
POSTGRESQL = (
    f"""CREATE OR REPLACE FUNCTION {TABLE}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP <> 'TRUNCATE' OR EXISTS (SELECT 1 FROM {TABLE}) THEN RAISE EXCEPTION '{REFUSAL}'; END IF;
      RETURN NULL;
    END $$""",  # noqa: S608
    f"CREATE OR REPLACE TRIGGER {TABLE}_no_update BEFORE UPDATE OR DELETE ON {TABLE} "
    f"FOR EACH ROW EXECUTE FUNCTION {TABLE}_refuse()",
    f"CREATE OR REPLACE TRIGGER {TABLE}_no_delete BEFORE TRUNCATE ON {TABLE} "
    f"FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_refuse()",
)


def put_up(connection: Any = default_connection) -> None:
    """Makes the triggers where they are missing. Does nothing before the table exists."""
    if TABLE not in connection.introspection.table_names():
        return
    with connection.cursor() as cursor:
        for statement in POSTGRESQL if connection.vendor == "postgresql" else SQLITE:
            cursor.execute(statement)


def take_down(connection: Any = default_connection) -> None:
    """Removes the triggers: for emptying a test database, nothing else."""
    on = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for name in NAMES:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def are_up(connection: Any = default_connection) -> bool:
    """Whether both triggers are there and, on PostgreSQL, switched on."""
    query = (
        "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled IN ('O', 'A')"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [TABLE])
        return set(NAMES) <= {row[0] for row in cursor.fetchall()}
