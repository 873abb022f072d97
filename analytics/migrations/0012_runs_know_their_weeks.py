import json

from django.db import migrations


def fill_in(apps, schema_editor):
    """Runs of before: weeks and code as they stand in the result."""
    from analytics.audit import guards

    run_model = apps.get_model("analytics", "EvaluationRun")
    runs = list(run_model._base_manager.filter(from_week="").only("pk", "result"))
    if not runs:
        return
    guards.take_down(schema_editor.connection)
    for run in runs:
        result = json.loads(run.result)
        run_model._base_manager.filter(pk=run.pk).update(
            from_week=result.get("from_week", ""),
            to_week=result.get("to_week", ""),
            code_hash=result.get("made_by", {}).get("code", ""),
        )


class Migration(migrations.Migration):
    dependencies = [("analytics", "0011_plans_and_rollouts")]
    operations = [migrations.RunPython(fill_in, migrations.RunPython.noop)]
