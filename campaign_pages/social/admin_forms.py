"""Forms of the social screens."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from django import forms

from campaign_pages.models import CampaignImage
from campaign_pages.social.post_models import Post, PublishingSwitch, SocialAccount
from campaign_pages.social.timetable import NoSuchTime, TimeHappensTwice, instant_of


class WallTimeField(forms.Field):
    """A local time as typed, without a zone: what instant it means is decided by the timetable alone."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def to_python(self, value: Any) -> datetime | None:
        if not value:
            return None
        if isinstance(value, datetime):
            return value
        for pattern in ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"):
            with suppress(ValueError):
                return datetime.strptime(str(value).strip(), pattern)  # noqa: DTZ007 - wall time on purpose
        raise forms.ValidationError("Enter a valid date and time, such as 2027-07-02 21:30.")


class PostForm(forms.Form):
    title = forms.CharField(max_length=100, help_text="For the calendar. It is not published.")
    caption = forms.CharField(
        label="Words",
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="A link to the Tonight page is added, so that visits can be counted.",
    )
    image = forms.ModelChoiceField(
        CampaignImage.objects.order_by("-created_at"),
        label="Picture",
        required=False,
        help_text="Pictures are uploaded under Images. Instagram takes JPEG, 320 to 1440 pixels wide, 4:5 to 1.91:1.",
    )
    alt_text = forms.CharField(
        label="What the picture shows",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Read out to people who cannot see it.",
    )
    accounts = forms.ModelMultipleChoiceField(
        SocialAccount.objects.filter(paused=False), widget=forms.CheckboxSelectMultiple
    )
    due_local = WallTimeField(label="Due, local time (Europe/London)", required=False)
    second = forms.ChoiceField(
        label="If the clocks go back over that time",
        required=False,
        choices=[
            ("", "It happens once"),
            ("first", "The first time (summer time)"),
            ("second", "The second time"),
        ],
        help_text="Needed on one night of the year only.",
    )
    campaign = forms.SlugField(initial="walk-away", help_text="A stop can be limited to one campaign.")

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        due = found.get("due_local")
        if due is not None:
            try:
                instant_of(due, "Europe/London", second=self.second_of(found))
            except (NoSuchTime, TimeHappensTwice) as error:
                self.add_error("due_local", str(error))
        return found

    @staticmethod
    def second_of(found: dict[str, Any]) -> bool | None:
        return {"first": False, "second": True}.get(found.get("second", ""))

    @classmethod
    def initial_of(cls, post: Post) -> dict[str, Any]:
        return {
            "title": post.title,
            "caption": post.caption,
            "image": post.image_id,
            "alt_text": post.alt_text,
            "accounts": list(post.accounts.values_list("pk", flat=True)),
            "due_local": post.due_local.replace(tzinfo=None) if post.due_local else None,
            "campaign": post.campaign,
        }


class StopForm(forms.Form):
    reason = forms.CharField(max_length=300, help_text="Others will ask.")
    scope = forms.ChoiceField(label="What to stop", initial="global")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scopes = PublishingSwitch.objects.order_by("pk").values_list("scope", flat=True)
        self.fields["scope"].choices = [  # type: ignore[attr-defined]
            (scope, "Everything" if scope == "global" else f"Only {scope.replace(':', ' ')}") for scope in scopes
        ]


class AddressForm(forms.Form):
    permalink = forms.URLField(
        label="Address of the live post",
        max_length=300,
        assume_scheme="https",
        error_messages={"invalid": "Paste the whole address of the live post, beginning with https://."},
    )
