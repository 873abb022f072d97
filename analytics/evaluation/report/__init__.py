"""What a reader gets: verdict first, then what it stands on. HTML, tagged PDF, CSVs and SVGs from one result.

No heading, chart or file says more than the verdict sentence. What people write beside a plan comes in as ``Beside``.
"""

from analytics.evaluation.report.contents import contents, pictures, tables
from analytics.evaluation.report.rendering import ReportFailed, context_of, html, pdf, write_report
from analytics.evaluation.report.words import GRADES, WORDS, mde_sentence

__all__ = [
    "GRADES",
    "WORDS",
    "ReportFailed",
    "contents",
    "context_of",
    "html",
    "mde_sentence",
    "pdf",
    "pictures",
    "tables",
    "write_report",
]
