"""Invented residents that go with the synthetic extract, so that its rates come out as published.

They are kept apart by their source: rates of real rows never use them, and rates of synthetic rows use no
others.
"""

from django.db import transaction

from analytics.models import Area, AreaPopulation
from analytics.police_data.synthetic_targets import targets
from analytics.police_data.vintages import SYNTHETIC_SOURCE

SOURCE = f"{SYNTHETIC_SOURCE}: invented, for the synthetic extract only"
YEAR, VINTAGE = 2021, "2021"


def load_synthetic_populations() -> int:
    """Residents of each area of the default targets, in all and under and over 25. Safe to run again.

    Returns the number of areas. Names and codes of the areas are real, the numbers are not.
    """
    with transaction.atomic():
        AreaPopulation.objects.filter(source=SOURCE).delete()
        for name, each in targets()["populations"].items():
            Area.objects.get_or_create(
                code=each["code"],
                vintage=VINTAGE,
                defaults={"kind": Area.Kind.LOCAL_AUTHORITY, "name": name},
            )
            bands = {
                "all": each["residents"],
                "0-24": each["under_25"],
                "25+": each["residents"] - each["under_25"],
            }
            AreaPopulation.objects.bulk_create(
                AreaPopulation(
                    code=each["code"], vintage=VINTAGE, year=YEAR, age_band=band, residents=count, source=SOURCE
                )
                for band, count in bands.items()
            )
    return len(targets()["populations"])
