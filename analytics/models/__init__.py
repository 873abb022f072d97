"""Tables of analytics, one subject per file."""

from analytics.models.evaluation import EvaluationPlan, EvaluationRun, ImmutableRecord
from analytics.models.geography import Area, AreaLookup, AreaPopulation
from analytics.models.police import ImportedFile, Offence
from analytics.models.reach import ReachFigure, ReachFile

__all__ = [
    "Area",
    "AreaLookup",
    "AreaPopulation",
    "EvaluationPlan",
    "EvaluationRun",
    "ImmutableRecord",
    "ImportedFile",
    "Offence",
    "ReachFigure",
    "ReachFile",
]
