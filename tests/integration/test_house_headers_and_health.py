"""Headers on every answer, and three levels of health."""

import gzip
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/healthz/live", "/accounts/login/", "/leave/", "/nothing-here/", "/robots.txt"])
def test_security_headers_are_on_every_answer(client: Client, path: str) -> None:
    response = client.get(path)
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "geolocation=()" in response["Permissions-Policy"]
    assert response["X-Frame-Options"] == "SAMEORIGIN"


def test_the_admin_lets_only_nonced_scripts_run(admin_client: Client) -> None:
    response = admin_client.get("/admin/")
    scripts = next(
        part for part in response["Content-Security-Policy"].split("; ") if part.startswith("script-src")
    )
    assert "'unsafe-inline'" not in scripts
    assert "'nonce-" in scripts
    assert "frame-src 'self'" in response["Content-Security-Policy"]  # without it no preview is seen
    assert response["Cache-Control"].startswith(("no-store", "max-age=0"))


def test_what_the_public_gets_is_compressed_and_what_is_private_is_not(
    client: Client, admin_client: Client
) -> None:
    """A page with a form's token is never compressed: its length would tell the token, letter by letter."""
    packed = {"Accept-Encoding": "gzip, br"}
    answer = client.get("/search/?q=mates", headers=packed)
    assert answer["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer["Vary"]
    assert b"<h1" in gzip.decompress(answer.content)
    assert "Content-Encoding" not in client.get("/search/?q=mates").headers
    for path in ("/accounts/login/", "/admin/"):
        for browser in (client, admin_client):
            assert "Content-Encoding" not in browser.get(path, headers=packed).headers, path
    picture = client.get("/share/1-x.png", headers=packed)
    assert "Content-Encoding" not in picture.headers


def test_live_and_ready(client: Client) -> None:
    assert client.get("/healthz/live").json() == {"ok": True}
    assert client.get("/healthz/ready").json() == {"ok": True}


def test_ready_says_no_when_the_database_is_away(client: Client, monkeypatch: Any) -> None:
    class Away:
        def cursor(self) -> None:
            raise DatabaseError("away")

    monkeypatch.setattr("walkaway.health.connection", Away())
    response = client.get("/healthz/ready")
    assert response.status_code == 503
    assert "database" in response.json()["reason"]
    assert client.get("/healthz/live").status_code == 200
