"""Taps at the same moment: the limit is passed once."""

import contextlib
import threading

import pytest
from django.db import connection, models

from campaign_pages import demo_content
from campaign_pages.models import Creative, Reaction
from campaign_pages.reactions import harm_gate


@pytest.mark.django_db(transaction=True)
def test_two_last_taps_at_once_raise_one_flag() -> None:
    demo_content.load(seed=1, say=lambda line: None)
    creative = Creative.objects.get()
    for _ in range(38):
        harm_gate.react(creative, "winds-up")
    raised: list[bool] = []
    # A database in memory has no lock to wait for: there, the taps come one after the other.
    turn = threading.Lock() if connection.vendor == "sqlite" else contextlib.nullcontext()

    def one() -> None:
        try:
            with turn:
                raised.append(harm_gate.react(Creative.objects.get(), "winds-up"))
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(raised) == [False, False, False, True]
    assert Reaction.objects.aggregate(total=models.Sum("count"))["total"] == 42
