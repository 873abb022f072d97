"""Celery only wakes these up; the database decides what is to be done. Lost or doubled messages do no harm."""

from celery import shared_task

from analytics import retention


@shared_task(name="analytics.delete_expired")
def delete_expired() -> None:
    retention.delete_expired()
