"""Two of the three studies whose truth is known, from check-ins and an extract to the verdict. The third is the demo's kin."""

import pytest
from django.db import transaction

from analytics.evaluation_examples import NotEmpty, run_example

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
