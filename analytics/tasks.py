"""Celery only wakes these up; the database decides what is to be done. Lost or doubled messages do no harm."""

from celery import shared_task

from analytics import retention
from analytics.evaluation import jobs
from analytics.police_data import received_loading
from analytics.reach.file_reports import forget_old_uploads

LONGEST_LOAD_SECONDS = 6 * 3600  # a whole archive of a force; the lease, not this, finds a worker that died


@shared_task(name="analytics.delete_expired")
def delete_expired() -> None:
    retention.delete_expired()
    forget_old_uploads()


@shared_task(
    name="analytics.load_received_files",
    time_limit=LONGEST_LOAD_SECONDS,
    soft_time_limit=LONGEST_LOAD_SECONDS - 60,
    acks_late=False,  # a message that comes again after hours would only find the work done
)
def load_received_files() -> None:
    received_loading.load_due()


@shared_task(
    name="analytics.evaluation_jobs",
    time_limit=LONGEST_LOAD_SECONDS,
    soft_time_limit=LONGEST_LOAD_SECONDS - 60,
    acks_late=False,
)
def evaluation_jobs() -> None:
    jobs.work_due()
