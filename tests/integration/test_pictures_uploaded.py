"""Hostile and broken pictures: a readable message, never an error page; and what is kept holds pixels only."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from wagtail.models import Collection

from campaign_pages.models import CampaignImage
from campaign_pages.pictures.reencoding import PictureRefused, clean_picture
from tests.factories import bad_images

REFUSED = bad_images.refused()
MOST = 40_000_000


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def send(client: Client, address: str, name: str, data: bytes) -> Any:
    prefix = "image-chooser-upload-" if "chooser" in address else ""
    field = "files[]" if "multiple" in address else f"{prefix}file"
    return client.post(
        address,
        {
            f"{prefix}title": "A picture",
            f"{prefix}description": "What it shows",
            f"{prefix}collection": Collection.get_first_root_node().pk,
            field: SimpleUploadedFile(name, data),
        },
        headers={"X-Requested-With": "XMLHttpRequest"} if "multiple" in address else {},
    )


@pytest.mark.django_db
@pytest.mark.parametrize("case", REFUSED)
def test_every_way_in_refuses_it_in_words(admin_client: Client, case: str) -> None:
    name, data, words = REFUSED[case]
    for address in ("/admin/images/add/", "/admin/images/multiple/add/", "/admin/images/chooser/create/"):
        response = send(admin_client, address, name, data)
        assert response.status_code in {200, 400}, address
        assert words in response.content.decode(), address
    assert not CampaignImage.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "data"), bad_images.with_place().items())
def test_what_is_kept_holds_pixels_only(admin_client: Client, name: str, data: bytes) -> None:
    response = send(admin_client, "/admin/images/add/", name, data)
    assert response.status_code == 302, response.content.decode()[:2000]
    kept = CampaignImage.objects.get()
    with kept.file.open("rb") as file:
        stored = file.read()
    assert b"CANARY" not in stored
    with Image.open(io.BytesIO(stored)) as opened:
        assert not opened.getexif()
        assert opened.size == (kept.width, kept.height)
        if name != "a.gif":
            assert opened.size == (200, 320), "the orientation flag is applied before it is dropped"


@pytest.mark.django_db
def test_names_are_made_plain(admin_client: Client) -> None:
    picture = bad_images.with_place()["a.png"]
    for name in ("../../etc/passwd.png", "shell.php.png", "a\u202egnp.png"):
        assert send(admin_client, "/admin/images/add/", name, picture).status_code == 302
    for image in CampaignImage.objects.all():
        assert image.file.name.startswith("original_images/")
        assert ".." not in image.file.name
        assert "\u202e" not in image.file.name


def test_a_moving_picture_keeps_moving() -> None:
    clean = clean_picture(bad_images.gif_of_frames(5, 40), extension="gif", most_pixels=MOST)
    with Image.open(io.BytesIO(clean.data)) as opened:
        assert opened.n_frames == 5


def test_ink_colours_become_light(tmp_path: Any) -> None:
    out = io.BytesIO()
    Image.new("CMYK", (20, 20), (0, 200, 200, 0)).save(out, "JPEG")
    clean = clean_picture(out.getvalue(), extension="jpg", most_pixels=MOST)
    with Image.open(io.BytesIO(clean.data)) as opened:
        assert opened.mode == "RGB"


def test_the_child_has_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A decoder that eats memory ends in words: the limit is the child's, not ours."""
    with pytest.raises(PictureRefused, match="cannot be opened"):
        clean_picture(bad_images.png_of_size(30000, 30000), extension="png", most_pixels=10**12)
