"""Triggers that make the database itself refuse to change or delete rows that are kept for good."""

from typing import Any

from django.db import connection as default_connection

TABLE = "analytics_auditrecord"
REFUSAL = "rows of the audit log are never changed or deleted"
REFUSALS = {
    TABLE: REFUSAL,
    "analytics_evaluationplan": "locked plans are never changed or deleted",
    "analytics_evaluationrun": "runs of evaluations are never changed or deleted",
    "analytics_reachchange": "changes to reach are never changed or deleted",
    "analytics_reachsnapshot": "reach that was kept is never changed or deleted",
    "analytics_reporttext": "texts beside a plan are never changed or deleted",
    "analytics_resultsignature": "signatures under results are never changed or deleted",
    "analytics_rollout": "drawn roll-outs are never changed or deleted",
    "analytics_rolloutconfirmation": "confirmations of roll-outs are never changed or deleted",
    "analytics_rolloutdeviation": "deviations from roll-outs are never changed or deleted",
}


def _names(table: str) -> tuple[str, str]:
    return f"{table}_no_update", f"{table}_no_delete"


NAMES = _names(TABLE)


def _sqlite(table: str) -> tuple[str, ...]:
    return tuple(
        f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {act} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSALS[table]}'); END"
        for name, act in zip(_names(table), ("UPDATE", "DELETE"), strict=True)
    )


def _postgresql(table: str) -> tuple[str, ...]:
    """TRUNCATE of an empty table passes: it takes nothing away, and test runs do it."""
    change, delete = _names(table)
    return (
        f"""CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF TG_OP <> 'TRUNCATE' OR EXISTS (SELECT 1 FROM {table}) THEN
            RAISE EXCEPTION '{REFUSALS[table]}'; END IF;
          RETURN NULL;
        END $$""",  # noqa: S608
        f"CREATE OR REPLACE TRIGGER {change} BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()",
        f"CREATE OR REPLACE TRIGGER {delete} BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()",
    )


def put_up(connection: Any = default_connection) -> None:
    """Makes the triggers where they are missing. Passes over tables that do not exist yet."""
    there = set(connection.introspection.table_names())
    statements = _postgresql if connection.vendor == "postgresql" else _sqlite
    with connection.cursor() as cursor:
        for table in REFUSALS:
            if table in there:
                for statement in statements(table):
                    cursor.execute(statement)


def take_down(connection: Any = default_connection) -> None:
    """Removes the triggers: for emptying a test database and for migrations of rows, nothing else."""
    there = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table in REFUSALS:
            on = f" ON {table}" if connection.vendor == "postgresql" else ""
            if table in there:
                for name in _names(table):
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def are_up(connection: Any = default_connection, table: str = TABLE) -> bool:
    """Whether both triggers of a table are there and, on PostgreSQL, switched on."""
    query = (
        "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled IN ('O', 'A')"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [table])
        return set(_names(table)) <= {row[0] for row in cursor.fetchall()}
