"""Packs: what a venue downloads, what the command says of it, and the receipt that stays."""

import hashlib
import io
import json
import zipfile
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from django.core.management import CommandError, call_command
from django.test import Client

from campaign_pages.venues.models import Area, Download, PosterPlace, Venue

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(600)]


@pytest.fixture
def venue() -> Venue:
    area = Area.objects.create(code="E06000016", name="Leicester")
    venue = Venue.objects.create(code="SYN001", name="O'Neill's & Söhne", area=area, kind="club", synthetic=True)
    PosterPlace.objects.create(venue=venue, zone="bar", code="7K3Q9")
    return venue


def test_build_pack_says_what_it_made(venue: Venue, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("build_pack", "syn001", "--out", str(tmp_path), "--json")
    out = capsys.readouterr().out
    result = json.loads(out)
    assert len(out.splitlines()) == 1
    assert result["venue"] == "SYN001"
    assert {row["kind"] for row in result["files"]} >= {"poster", "screen", "handstamp", "qr"}
    for row in result["files"]:
        assert set(row) >= {"path", "kind", "format", "sha256", "bytes", "width", "height", "unit", "preflight"}
        data = (tmp_path / row["path"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == row["sha256"]
        assert len(data) == row["bytes"]
        assert all(check["ok"] for check in row["preflight"])
    poster = next(row for row in result["files"] if "A3" in row["path"])
    assert (poster["width"], poster["height"], poster["unit"]) == (297, 420, "mm")
    with pypdfium2.PdfDocument(tmp_path / poster["path"]) as pdf:
        picture = pdf[0].render(scale=100 / 72).to_pil()
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == ["HTTPS://WEWALKAWAY.UK/V/7K3Q9"]


def test_one_kind_only(venue: Venue, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("build_pack", "SYN001", "--out", str(tmp_path), "--kind", "qr", "--json")
    assert [row["kind"] for row in json.loads(capsys.readouterr().out)["files"]] == ["qr"]


def test_unknown_venue_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no venue with the code NOPE"):
        call_command("build_pack", "NOPE", "--out", str(tmp_path))


def test_the_zip_holds_every_file_of_its_manifest_and_leaves_a_receipt(client: Client, venue: Venue) -> None:
    response = client.get("/venues/SYN001/files/walk-away-pack.zip")
    assert response.status_code == 200
    data = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        manifest = json.loads(archive.read("manifest.json"))["files"]
        assert len(manifest) >= 8
        for row in manifest:
            assert hashlib.sha256(archive.read(row["path"])).hexdigest() == row["sha256"]
        readme = archive.read("6 Read me and staff brief/README.txt").decode()
    assert "SYNTHETIC DEMO VENUE" in readme
    receipt = Download.objects.get()
    assert (receipt.venue, receipt.kind) == (venue, "zip")


def test_a_file_is_sent_as_a_download_with_a_receipt(client: Client, venue: Venue) -> None:
    path = "1 Print shop/walk-away-poster-A4-print.pdf"
    response = client.get(f"/venues/SYN001/files/{path}")
    data = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert data.startswith(b"%PDF-1.6")
    assert response["Content-Disposition"].startswith("attachment")
    receipt = Download.objects.get()
    assert receipt.sha256 == hashlib.sha256(data).hexdigest()
    assert client.get("/venues/SYN001/files/../../settings.py").status_code == 404
    assert client.get("/venues/files/castle/walk-away-pack.zip").status_code == 404


def test_a_name_that_cannot_be_printed_is_said_on_the_page(client: Client, venue: Venue) -> None:
    Venue.objects.filter(pk=venue.pk).update(name="Party 🎉 Palace")
    response = client.get("/venues/SYN001/")
    assert response.status_code == 200
    assert "The typeface has no" in response.content.decode()
