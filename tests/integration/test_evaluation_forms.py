"""Forms of plans, roll-outs and panels for who hears them or types only: every hint and error is tied to its field."""

from html.parser import HTMLParser

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from analytics.evaluation import drafts
from analytics.models import EvaluationDraft, PanelAnalysis

pytestmark = pytest.mark.django_db
WRONG = {
    "title": "Half",
    "from_week": "2023-14",
    "seed": "x",
    "permutations": 3,
    "placebos": ["nonsense"],
    "thresholds": {"mde_min": "low"},
}


class Elements(HTMLParser):
    """Every element with an id or attributes, and the text inside each id (of the element and what follows in it)."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.text: dict[str, str] = {}
        self._open: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        given = {key: value or "" for key, value in attrs}
        self.found.append((tag, given))
        if tag not in ("input", "link", "meta", "br", "img", "use", "path", "circle", "line"):
            self._open.append((tag, given.get("id", "")))
        if given.get("id"):
            self.text.setdefault(given["id"], "")

    def handle_endtag(self, tag: str) -> None:
        while any(tag == each for each, _ in self._open) and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        for _, name in self._open:
            if name:
                self.text[name] += data

    def of(self, name: str) -> dict[str, str]:
        return next(given for _, given in self.found if given.get("id") == name)


def page_of(client, name, *args) -> Elements:
    return Elements(client.get(reverse(name, args=args)).content.decode())


def tied(page: Elements) -> None:
    """Nothing on the form leans on an id that is not there."""
    for tag, given in page.found:
        for name in given.get("aria-describedby", "").split():
            assert name in page.text, (tag, given)


def test_what_is_wrong_with_a_plan_is_tied_to_its_field_and_reached_from_the_list(client, evaluator):
    draft = drafts.new_draft("plan", by=evaluator, values=WRONG)
    page = page_of(client, "evaluation_draft", draft.pk)
    tied(page)
    for field in ("measure", "from_week", "seed", "permutations", "thresholds_mde_min"):
        given = page.of(f"id_{field}")
        assert given["aria-invalid"] == "true"
        assert given["aria-describedby"].split()[0] == f"id_{field}-error"
        assert page.text[f"id_{field}-error"].strip()
    assert "2023-14" in page.text["id_from_week-error"]  # also while the last week is missing
    assert "explain-seed" in page.of("id_seed")["aria-describedby"]
    group = page.of("id_placebos-group")
    assert group["aria-describedby"].split() == ["id_placebos-error", "explain-placebos"]
    assert "nonsense" in page.text["id_placebos-error"]
    links = {given["href"] for tag, given in page.found if tag == "a" and given.get("href", "").startswith("#id_")}
    assert links == {
        "#id_measure", "#id_from_week", "#id_to_week", "#id_seed", "#id_permutations", "#id_placebos-group",
        "#id_thresholds_mde_min",
    }  # fmt: skip
    assert all(link[1:] in page.text for link in links)
    assert "open" in next(
        given for tag, given in page.found if tag == "details"
    )  # the wrong limit is not behind a fold


def test_what_is_missing_is_said_by_its_label(client, evaluator):
    draft = drafts.new_draft("plan", by=evaluator, values={"title": "Half"})
    answer = client.post(
        reverse("evaluation_draft", args=[draft.pk]), {"title": "Half", "simulate": "1"}, follow=True
    )
    [said] = [str(each) for each in answer.context["messages"]]
    assert said == "What is counted: is needed"


def test_what_is_wrong_with_a_roll_out_is_said_by_label_and_tied(client, evaluator):
    draft = drafts.new_draft("rollout", by=evaluator, values={"waves": 99, "excluded": [["NONE1", "closing"]]})
    page = page_of(client, "rollout_draft", draft.pk)
    tied(page)
    assert page.of("id_waves")["aria-describedby"].split() == ["id_waves-error", "id_waves-helptext"]
    links = {given["href"] for tag, given in page.found if tag == "a" and given.get("href", "").startswith("#id_")}
    assert links == {"#id_waves", "#id_excluded"}
    answer = client.post(
        reverse("rollout_draft", args=[draft.pk]), {"title": "x", "waves": "99", "draw": "1"}, follow=True
    )
    assert [str(each) for each in answer.context["messages"]] == ["Waves: must be a whole number from 1 to 26"]
    assert EvaluationDraft.objects.get(pk=draft.pk).values["waves"] == 99


@pytest.mark.parametrize(("columns", "boxes"), [(4, True), (60, False)])
def test_columns_are_chosen_with_boxes_and_what_is_missing_is_named(client, evaluator, columns, boxes):
    names = ["week", "step", "offences", *(f"other_{n}" for n in range(columns - 3))]
    body = ",".join(names) + "\n" + ",".join("1" for _ in names) + "\n"
    client.post(reverse("panels"), {"file": SimpleUploadedFile("p.csv", body.encode())})
    panel = PanelAnalysis.objects.get()
    address = reverse("panel", args=[panel.pk])
    page = page_of(client, "panel", panel.pk)
    kinds = {given.get("type", "list") for tag, given in page.found if given.get("name") == "exposure"}
    assert kinds == ({"checkbox"} if boxes else {"list"})
    answer = client.post(address, {"columns": "1", "time": "week", "family": "poisson", "seed": "1"})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "Mend what is marked below: Outcome, Exposure (the first is the headline)." in text
    wrong = Elements(text)
    tied(wrong)
    assert "required" in wrong.text["id_exposure_error"]


def test_an_upload_without_a_file_says_so_above_the_form(client, evaluator):
    answer = client.post(reverse("panels"), {"spec": ""})
    assert answer.status_code == 422
    page = Elements(answer.content.decode())
    tied(page)
    assert page.of("id_file")["aria-invalid"] == "true"
    assert any(given.get("role") == "alert" for tag, given in page.found if tag == "p")
