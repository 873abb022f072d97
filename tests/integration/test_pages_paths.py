"""The mates' plan, the story with choices and the quiz: plain links and forms that keep nothing."""

import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from campaign_pages.models import ChoicesStoryPage, Creative, PlanPage, QuizPage
from campaign_pages.models.films import check_captions, check_film

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("campaign_site")]

CHOICES = {"when": "someone-spills-my-drink", "say": "get-the-door-staff", "with": "my-mates"}


def test_a_card_comes_from_the_choices_in_the_address(client: Client) -> None:
    response = client.get("/plan/", CHOICES)
    html = response.content.decode()
    assert "Your card" in html
    assert 'class="plan-words">someone spills my drink<' in html
    assert "With my mates." in html
    assert not response.cookies
    picture = client.get("/plan/card/", CHOICES)
    assert picture["Content-Type"] == "image/png"
    with Image.open(io.BytesIO(picture.content)) as card:
        assert card.size == (1080, 1920)
        colours = card.convert("RGB").crop((0, 0, 1080, 460)).getcolors(1000)
    assert colours is not None
    assert len(colours) == 1  # empty where phones put their clock
    other = client.get("/plan/card/", {**CHOICES, "say": "leave-and-come-back-later"})
    assert other.content != picture.content


@pytest.mark.parametrize(
    ("choices", "missing"),
    [
        ({"when": "someone-spills-my-drink"}, "a line, who you are with"),
        ({**CHOICES, "say": "hit-him"}, "a line"),
        ({"when": "<script>", "say": "", "with": ""}, "a trigger, a line, who you are with"),
    ],
)
def test_what_is_not_picked_is_named(client: Client, choices: dict[str, str], missing: str) -> None:
    html = client.get("/plan/", choices).content.decode()
    assert f"Still to pick: {missing}." in html
    assert "Your card" not in html
    assert client.get("/plan/card/", choices).status_code == 404


def test_every_letter_of_the_demo_plan_can_be_drawn() -> None:
    from campaign_pages.artwork.setting import characters

    page = PlanPage.objects.get()
    for field in ("triggers", "lines", "people"):
        for words in page.options(field).values():
            assert {ord(letter) for letter in words} <= characters()


@pytest.mark.parametrize("model", [ChoicesStoryPage, QuizPage])
def test_every_way_through_ends_with_help_and_a_reaction(client: Client, model: Any) -> None:
    page = model.objects.get()
    beginning = client.get(page.url).content.decode()
    seen: set[str] = set()
    waiting = [page.steps_of_map[0].key]
    assert f'href="{page.url}{waiting[0]}/"' in beginning
    while waiting:
        key = waiting.pop()
        if key in seen:
            continue
        seen.add(key)
        response = client.get(f"{page.url}{key}/")
        html = response.content.decode()
        assert response.status_code == 200
        assert not response.cookies
        assert html.count("<h1") == 1
        step = next(step for step in page.steps_of_map if step.key == key)
        for choice in step.choices:
            assert f'{page.url}{choice.leads_to.lower().replace(" ", "-")}/"' in html
            waiting.append(next(each.key for each in page.steps_of_map if each.name == choice.leads_to))
        if step.is_ending:
            assert "Winds me up" in html
            assert 'class="help"' in html
        else:
            assert "Stop and get help" in html
    assert seen == {step.key for step in page.steps_of_map}
    assert client.get(f"{page.url}no-such-step/").status_code == 404


def test_a_story_that_lost_its_way_is_not_published() -> None:
    page = ChoicesStoryPage.objects.get()
    raw = [dict(child) for child in page.steps.get_prep_value()]
    raw[0]["value"]["choices"][0]["value"]["leads_to"] = "Nowhere"
    page.steps = __import__("json").dumps(raw)
    assert any("leads to “Nowhere”" in reason for reason in page.publish_problems())


def test_a_creative_without_a_pre_test_holds_its_pages_back() -> None:
    Creative.objects.update(pre_test_people=19)
    assert any("no pre-test" in reason for reason in QuizPage.objects.get().publish_problems())


def test_an_editor_sees_a_map_and_every_step(admin_client: Client) -> None:
    page = ChoicesStoryPage.objects.get()
    modes = [mode for mode, _ in page.preview_modes]
    assert modes[:2] == ["", "map"]
    html = page.make_preview_request(preview_mode="map").content.decode()
    assert "<svg" in html
    assert "Every way through ends" in html
    assert (
        "Dan. Dan." in QuizPage.objects.get().make_preview_request(preview_mode="step:the-anchor").content.decode()
    )


@pytest.mark.parametrize(
    "path", ["/plan/", "/which-mate/", "/which-mate/the-anchor/", "/stories/choose/the-ward/"]
)
def test_few_questions_to_the_database(client: Client, path: str) -> None:
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        client.get(path)
    assert len(queries) <= 12, "\n".join(query["sql"][:160] for query in queries)


def test_a_film_is_a_film_and_captions_are_captions() -> None:
    from django.core.exceptions import ValidationError
    from django.core.files.base import ContentFile

    with pytest.raises(ValidationError, match="cannot be opened as a film"):
        check_film(ContentFile(b"not a film at all", name="a.mp4"))
    with pytest.raises(ValidationError, match="WebVTT"):
        check_captions(ContentFile(b"1\n00:00:01,000 --> 00:00:02,000\nHello", name="a.srt"))
    with pytest.raises(ValidationError, match="no caption with times"):
        check_captions(ContentFile(b"WEBVTT\n\nHello", name="a.vtt"))
    check_captions(ContentFile(b"WEBVTT\n\n00:01.000 --> 00:04.000\nHello", name="a.vtt"))
    check_film(ContentFile(_film(), name="a.mp4"))


def _film() -> bytes:
    """Half a second of H.264, made here."""
    import av
    import numpy as np

    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for _ in range(5):
            container.mux(
                stream.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24"))
            )
        container.mux(stream.encode())
    return out.getvalue()
