"""The three studies whose truth is known, from check-ins and an extract to the verdict."""

import csv
import json

import pytest
from django.db import transaction

from analytics import evaluation_examples
from analytics.evaluation_examples import EXAMPLES, NotEmpty, run_example
from analytics.measures.catalogue import measure_named
from analytics.police_data.importing import import_paths

pytestmark = pytest.mark.django_db


def quiet(line):
    """Progress that nobody reads."""


@pytest.mark.parametrize(
    ("name", "verdict", "code", "words"),
    [
        ("reactive", "cannot_attribute", "R9", "We cannot say that the campaign had anything to do with it (R9"),
        ("small", "cannot_tell", "R6", "venues instead of"),
    ],
)
def test_the_verdict_is_what_the_truth_allows(name, verdict, code, words, tmp_path):
    result = run_example(name, tmp_path, seed=1, say=quiet).result
    assert result["verdict"] == verdict
    assert code in {rule["code"] for rule in result["rules"] if rule["fired"]}
    assert words in result["verdict_sentence"]
    assert "Synthetic data" in result["verdict_sentence"]
    if name == "small":
        needed = result["diagnostics"]["power"]["units_needed"]
        assert 20 < needed < 200
        assert f"about {needed} venues instead of" in result["verdict_sentence"]
        with transaction.atomic(), pytest.raises(NotEmpty, match="WALKAWAY_VAR_DIR"):
            run_example(name, tmp_path, seed=1, say=quiet)


PLACEBOS = ("daytime_assault", "acquisitive", "domestic_dwelling")  # of a plan that names none


@pytest.fixture
def only_what_counts(monkeypatch):
    """Leaves rows out of the extract that neither the measure nor a placebo counts: five in six of a minute's import."""
    codes = {code for name in ("nte_assault", *PLACEBOS) for code in measure_named(name).codes}

    def counts(row):
        if row["DA"] == "Y":
            return row["Loc Type"] == "dwelling"
        return row["PP Flag"] == "Y"

    def import_fewer(paths, *, by):
        with paths[0].open(newline="", encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
        kept = [row for row in rows if row["HO Offence"] in codes and counts(row)]
        assert 10_000 < len(kept) < len(rows) / 5
        with paths[0].open("w", newline="", encoding="utf-8") as stream:
            out = csv.DictWriter(stream, rows[0].keys())
            out.writeheader()
            out.writerows(kept)
        return import_paths(paths, by=by)

    monkeypatch.setattr(evaluation_examples, "import_paths", import_fewer)


def test_the_planted_fall_is_found_as_the_documents_print_it(only_what_counts, tmp_path):
    """docs/evaluation.md: 34 % fewer (19 % to 47 %), grade 3."""
    result = run_example("planted", tmp_path, seed=1, say=quiet).result
    truth = json.loads((tmp_path / "synthetic_planted.truth.json").read_text())
    assert truth["irr"] == EXAMPLES["planted"].irr == 0.65
    assert truth["removed"] > 100
    estimate = result["estimate"]
    assert estimate["ci_low"] < truth["irr"] < estimate["ci_high"] < 1
    assert (result["verdict"], result["evidence_grade"]) == ("fewer", 3)
    assert "had 34% fewer recorded assaults (95% CI 19% to 47%)" in result["verdict_sentence"]
    assert "This does not show that the campaign caused it." in result["verdict_sentence"]
    assert "Synthetic data" in result["verdict_sentence"]
    assert [rule["code"] for rule in result["rules"] if rule["fired"]] == []
