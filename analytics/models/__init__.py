"""Tables of analytics, one subject per file."""

from analytics.models.audit import AuditRecord
from analytics.models.evaluation import EvaluationPlan, EvaluationRun, ResultSignature
from analytics.models.geography import Area, AreaLookup, AreaPopulation
from analytics.models.kept import ImmutableRecord
from analytics.models.panels import PanelAnalysis
from analytics.models.planning import EvaluationDraft, EvaluationJob
from analytics.models.police import ImportedFile, Offence, OffencePerson
from analytics.models.publication import PublishedPeriod
from analytics.models.reach import ReachChange, ReachFigure, ReachFile, ReachSnapshot, ReachUpload
from analytics.models.received import ReceivedFile, SavedMapping, Withdrawal
from analytics.models.reports import ReportText
from analytics.models.rollout import Rollout, RolloutConfirmation, RolloutDeviation

__all__ = [
    "Area",
    "AreaLookup",
    "AreaPopulation",
    "AuditRecord",
    "EvaluationDraft",
    "EvaluationJob",
    "EvaluationPlan",
    "EvaluationRun",
    "ImmutableRecord",
    "ImportedFile",
    "Offence",
    "OffencePerson",
    "PanelAnalysis",
    "PublishedPeriod",
    "ReachChange",
    "ReachFigure",
    "ReachFile",
    "ReachSnapshot",
    "ReachUpload",
    "ReceivedFile",
    "ReportText",
    "ResultSignature",
    "Rollout",
    "RolloutConfirmation",
    "RolloutDeviation",
    "SavedMapping",
    "Withdrawal",
]
