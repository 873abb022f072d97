"""The one control: what it will do, said before the button; the list of what a person has to do by hand."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from campaign_pages.incidents import hold
from campaign_pages.models import CampaignSettings, IncidentHold
from campaign_pages.resting import pages_that_rest

START = "campaign_pages.start_incident_hold"


class StartForm(forms.Form):
    reason = forms.CharField(
        label="Why", max_length=250, help_text="One sentence for colleagues. No names. The public does not see it."
    )
    hours = forms.IntegerField(
        label="Somebody must look again within (hours)", min_value=1, max_value=hold.LONGEST_HOURS, initial=48
    )


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(START, raise_exception=True)
def incident(request: HttpRequest) -> HttpResponse:
    form = StartForm(request.POST if request.POST.get("do") == "start" else None)
    if request.method == "POST":
        try:
            if request.POST.get("do") == "lift":
                if hold.lift(by=request.user):  # type: ignore[arg-type]
                    messages.success(
                        request, "The hold is lifted. Posts that are past due wait in the review tray."
                    )
                else:
                    messages.warning(request, "You asked to lift the hold. A second person must confirm it.")
                return redirect("incident_hold")
            if form.is_valid():
                _, held = hold.start(by=request.user, **form.cleaned_data)  # type: ignore[arg-type]
                messages.success(request, f"The incident hold is on. {held} scheduled posts are held.")
                return redirect("incident_hold")
        except hold.HoldRefused as error:
            messages.error(request, str(error))
    current = IncidentHold.current()
    return TemplateResponse(
        request,
        "campaign_pages/admin/incident.html",
        {
            "hold": current,
            "form": form,
            "earlier": IncidentHold.objects.filter(lifted_at__isnull=False).select_related(
                "started_by", "lift_asked_by", "lifted_by"
            )[:10],
            "campaign": CampaignSettings.for_public_default(),
            "resting": pages_that_rest(),
            "may_lift": request.user.has_perm("campaign_pages.lift_incident_hold"),
            "asked_by_me": current is not None and current.lift_asked_by_id == request.user.pk,
        },
        status=400 if form.is_bound and not form.is_valid() else 200,
    )
