"""What people say of each creative, with the flag: for officers."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST, require_safe

from campaign_pages.models import CampaignSettings, Creative
from campaign_pages.reactions import harm_gate

SEE = "campaign_pages.view_creative"


@require_safe
@permission_required(SEE, raise_exception=True)
def overview(request: HttpRequest) -> HttpResponse:
    limits = CampaignSettings.for_public_default()
    rows: list[dict[str, Any]] = [
        {"creative": creative, "tally": harm_gate.tally(creative)} for creative in Creative.objects.all()
    ]
    return TemplateResponse(
        request,
        "campaign_pages/admin/reactions.html",
        {
            "rows": rows,
            "limits": limits,
            "may_flag": request.user.has_perm("social.stop_publishing"),
            "may_clear": request.user.has_perm("campaign_pages.flag_creative"),
        },
    )


@require_POST
@permission_required(SEE, raise_exception=True)
def move_flag(request: HttpRequest, pk: int) -> HttpResponse:
    creative = get_object_or_404(Creative, pk=pk)
    try:
        if request.POST.get("do") == "clear":
            harm_gate.clear(creative, by=request.user)  # type: ignore[arg-type]
            messages.success(
                request, f"The flag of “{creative}” is cleared. Its posts stay held until two people resume them."
            )
        else:
            held = harm_gate.flag(creative, reason=request.POST.get("reason", ""), by=request.user)  # type: ignore[arg-type]
            messages.success(request, f"“{creative}” is flagged. {held} scheduled posts are held.")
    except harm_gate.FlagRefused as error:
        messages.error(request, str(error))
    return redirect("reactions")
