"""PostgreSQL: pg_dump and the hashes see one and the same snapshot; pg_restore's way in is one transaction."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from walkaway.backups.manifest import BackupError, Table

NAME = "database.dump"
SCHEMA = "public"
SAME_TEXT = (  # so that a value is one text, whatever the server's own settings are
    "SET TIME ZONE 'UTC'", "SET datestyle = 'ISO, YMD'", "SET intervalstyle = 'postgres'",
    "SET bytea_output = 'hex'", "SET extra_float_digits = 1",
    "SET statement_timeout = 0", "SET idle_in_transaction_session_timeout = 0",
)  # fmt: skip
EMPTY_SCHEMA = f"""
SET lock_timeout = '30s';
DO $$ DECLARE it record; BEGIN
  FOR it IN SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = '{SCHEMA}' LOOP
    EXECUTE 'DROP TABLE IF EXISTS ' || it.name || ' CASCADE';
  END LOOP;
  FOR it IN SELECT p.oid::regprocedure AS name FROM pg_proc p WHERE p.pronamespace = '{SCHEMA}'::regnamespace
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') LOOP
    EXECUTE 'DROP ROUTINE IF EXISTS ' || it.name || ' CASCADE';
  END LOOP;
END $$;
"""  # noqa: S608 - constants


class PostgreSQL:
    """The installation's database. ``left_out`` are tables whose rows do not go into a backup."""

    engine = "postgresql"

    def __init__(self, settings_dict: dict[str, Any], left_out: tuple[str, ...]) -> None:
        self.left_out = left_out
        names = {
            "NAME": "PGDATABASE",
            "USER": "PGUSER",
            "PASSWORD": "PGPASSWORD",
            "HOST": "PGHOST",
            "PORT": "PGPORT",
        }
        given = {variable: str(settings_dict.get(name) or "") for name, variable in names.items()}
        options = settings_dict.get("OPTIONS", {})
        given |= {f"PG{name.upper()}": str(options[name]) for name in ("sslmode", "sslrootcert", "sslcert", "sslkey")
                  if name in options}  # fmt: skip
        # By environment, never as arguments: a process list shows those to everybody on the machine.
        self.environment = os.environ | {name: value for name, value in given.items() if value}
        self.given = {name: value for name, value in given.items() if value}

    def version(self) -> str:
        with self._connected() as server:
            return str(server.execute("SHOW server_version").fetchone()[0])

    def save(self, folder: Path, queries: Sequence[str]) -> dict[str, Table]:
        """Writes ``database.dump`` in pg_dump's custom format; ``rows`` answers ``queries`` after. Raises BackupError."""
        tool = _tool("pg_dump")
        with self._connected() as server:
            server.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            snapshot = server.execute("SELECT pg_export_snapshot()").fetchone()[0]
            leave = [f"--exclude-table-data={SCHEMA}.{table}" for table in self.left_out]
            self._run([tool, "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", *leave,
                       f"--file={folder / NAME}"])  # fmt: skip
            self._rows = {query: server.execute(query).fetchall() for query in queries}
            return _hashes(server, self.left_out)

    def rows(self, folder: Path, query: str) -> list[tuple[Any, ...]]:
        """Answers from the snapshot that was dumped."""
        return self._rows[query]

    def tables_here(self) -> int:
        with self._connected() as server:
            found = server.execute("SELECT COUNT(*) FROM pg_tables WHERE schemaname = %s", [SCHEMA]).fetchone()
            return int(found[0])

    def load(self, folder: Path, *, replace: bool) -> dict[str, Table]:
        """Restores in one transaction, after emptying the schema when told to, and hashes what is there then.

        COMMIT is sent only when pg_restore ended well: whatever dies before, the old content is still there.
        """
        restore, client = _tool("pg_restore"), _tool("psql")
        quiet = {"PGOPTIONS": "-c client_min_messages=warning"}
        with TemporaryFile() as said:
            into = subprocess.Popen(
                [client, "--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1"],
                env=self.environment | quiet, stdin=subprocess.PIPE, stderr=said,
            )  # fmt: skip
            assert into.stdin is not None
            failed = ""
            try:
                into.stdin.write(f"BEGIN;{EMPTY_SCHEMA if replace else ''}".encode())
                failed = _poured(
                    [restore, "--no-owner", "--no-privileges", "--file=-", str(folder / NAME)], into.stdin
                )
                if not failed:
                    into.stdin.write(b"\nCOMMIT;\n")
            except BrokenPipeError:
                pass  # psql stopped at an error, which it says
            finally:
                with suppress(BrokenPipeError):
                    into.stdin.close()
                into.wait()
            words = failed or (_words(said) if into.returncode else "")
        if words:
            raise BackupError(f"The database was not restored and is as it was: {words}")
        with self._connected() as server:
            return _hashes(server, ())

    def _run(self, words: list[str]) -> None:
        done = subprocess.run(words, env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BackupError(f"{Path(words[0]).name} failed: {done.stderr.strip()[:2000]}")

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        import psycopg

        names = {
            "PGDATABASE": "dbname",
            "PGUSER": "user",
            "PGPASSWORD": "password",
            "PGHOST": "host",
            "PGPORT": "port",
        }
        try:
            server = psycopg.connect(
                **{names.get(name, name[2:].lower()): value for name, value in self.given.items()}, autocommit=True  # type: ignore[arg-type]
            )  # fmt: skip
        except psycopg.OperationalError as error:
            raise BackupError(f"PostgreSQL does not answer: {str(error).strip()}") from None
        with server:
            for statement in SAME_TEXT:
                server.execute(statement)
            yield server


def _poured(words: list[str], target: IO[bytes]) -> str:
    """Runs a command into a pipe; what went wrong, or nothing."""
    with TemporaryFile() as said, subprocess.Popen(words, stdout=subprocess.PIPE, stderr=said) as process:
        assert process.stdout is not None
        try:
            shutil.copyfileobj(process.stdout, target)
        except BrokenPipeError:
            process.kill()
            raise
        process.wait()
        return f"{Path(words[0]).name} failed: {_words(said)}" if process.returncode else ""


def _words(said: IO[bytes]) -> str:
    said.seek(0)
    return said.read(2000).decode(errors="replace").strip()


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise BackupError(
            f"{name} was not found. It comes with PostgreSQL's client programs (on Debian or Ubuntu: apt-get install "
            "postgresql-client), in the server's version or a newer one."
        )
    return found


def _hashes(server: Any, left_out: tuple[str, ...]) -> dict[str, Table]:
    names = server.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [SCHEMA]).fetchall()
    return {name: _hash(server, name, empty=name in left_out) for (name,) in names}


def _hash(server: Any, table: str, *, empty: bool) -> Table:
    described = server.execute(
        """SELECT quote_ident(a.attname), t.typcategory, COALESCE(a.attnum = ANY(i.indkey), false)
        FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
        WHERE a.attrelid = format('%%I.%%I', %s::text, %s::text)::regclass AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY a.attnum""",
        [SCHEMA, table],
    ).fetchall()
    columns = sorted(name for name, _, _ in described)
    primary = [(name, category) for name, category, in_key in described if in_key] or [
        (name, "any") for name in columns
    ]
    # Text in the order of its bytes: two servers may sort words differently.
    order = [
        name if category == "N" else f'{name} COLLATE "C"' if category == "S" else f'{name}::text COLLATE "C"'
        for name, category in primary
    ]
    digest, count = hashlib.sha256(",".join(columns).encode()), 0
    where = "WHERE false" if empty else ""
    query = (
        f'COPY (SELECT {",".join(columns)} FROM {SCHEMA}."{table}" {where} ORDER BY {",".join(order)}) TO STDOUT'  # noqa: S608
    )
    with server.cursor() as cursor, cursor.copy(query) as rows:
        for block in rows:
            digest.update(block)
            count += bytes(block).count(b"\n")
    return Table(count, digest.hexdigest())
