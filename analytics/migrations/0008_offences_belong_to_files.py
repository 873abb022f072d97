"""On PostgreSQL, offences are held to their files once for each statement instead of once for each row.

A foreign key looks its target up for every row, and an import writes the number of one file a hundred thousand times.
These triggers refuse the same things with one look (docs/decisions/0015). SQLite keeps its foreign keys, which are cheap.
"""

from django.db import migrations

OFFENCES, FILES = "analytics_offence", "analytics_importedfile"
COLUMNS = ("file_id", "superseded_by_id")

DROP_KEYS = f"""DO $$
DECLARE key record;
BEGIN
  FOR key IN SELECT conname FROM pg_constraint
    WHERE contype = 'f' AND conrelid = '{OFFENCES}'::regclass AND confrelid = '{FILES}'::regclass
  LOOP EXECUTE format('ALTER TABLE {OFFENCES} DROP CONSTRAINT %I', key.conname); END LOOP;
END $$"""

# FOR KEY SHARE is what a foreign key takes: a file that is being deleted is waited for, and then missed.
HAVE_FILES = f"""CREATE FUNCTION {OFFENCES}_have_files() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wanted bigint[]; found bigint;
BEGIN
  SELECT array_agg(id) INTO wanted FROM
    (SELECT DISTINCT file_id AS id FROM changed UNION SELECT DISTINCT superseded_by_id FROM changed) AS each
    WHERE id IS NOT NULL;
  PERFORM 1 FROM {FILES} WHERE id = ANY (wanted) FOR KEY SHARE;
  GET DIAGNOSTICS found = ROW_COUNT;
  IF found < coalesce(cardinality(wanted), 0) THEN
    RAISE foreign_key_violation USING MESSAGE = 'an offence names an imported file that does not exist';
  END IF;
  RETURN NULL;
END $$"""

ARE_FREE = f"""CREATE FUNCTION {FILES}_are_free() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM gone JOIN {OFFENCES} o ON o.file_id = gone.id)
    OR EXISTS (SELECT 1 FROM gone JOIN {OFFENCES} o ON o.superseded_by_id = gone.id) THEN
    RAISE foreign_key_violation USING MESSAGE = 'an imported file still has offences';
  END IF;
  RETURN NULL;
END $$"""

UP = (
    HAVE_FILES,
    ARE_FREE,
    f"CREATE TRIGGER {OFFENCES}_added AFTER INSERT ON {OFFENCES} REFERENCING NEW TABLE AS changed "
    f"FOR EACH STATEMENT EXECUTE FUNCTION {OFFENCES}_have_files()",
    f"CREATE TRIGGER {OFFENCES}_changed AFTER UPDATE ON {OFFENCES} REFERENCING NEW TABLE AS changed "
    f"FOR EACH STATEMENT EXECUTE FUNCTION {OFFENCES}_have_files()",
    f"CREATE TRIGGER {FILES}_deleted AFTER DELETE ON {FILES} REFERENCING OLD TABLE AS gone "
    f"FOR EACH STATEMENT EXECUTE FUNCTION {FILES}_are_free()",
    DROP_KEYS,
)
DOWN = (
    f"DROP FUNCTION {OFFENCES}_have_files() CASCADE",
    f"DROP FUNCTION {FILES}_are_free() CASCADE",
    *(
        f"ALTER TABLE {OFFENCES} ADD CONSTRAINT {OFFENCES}_{column}_fk FOREIGN KEY ({column}) REFERENCES {FILES} (id) "
        "DEFERRABLE INITIALLY DEFERRED"
        for column in COLUMNS
    ),
)


def _runs(statements):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            with schema_editor.connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)

    return run


class Migration(migrations.Migration):
    dependencies = [("analytics", "0007_areas_of_police")]

    operations = [migrations.RunPython(_runs(UP), _runs(DOWN))]
