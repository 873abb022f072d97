"""Screen of taking an imported file out again: one person asks with a reason, another confirms or declines."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from analytics.models import ImportedFile
from analytics.police_data.admin_views import APPROVE, IMPORT, allow, frame
from analytics.police_data.consent import NotAgreed
from analytics.police_data.intake_forms import WithdrawForm
from analytics.police_data.intake_views import CRUMB
from analytics.police_data.withdrawing import (
    CannotWithdraw,
    ask_withdrawal,
    confirm_withdrawal,
    decline_withdrawal,
)
from campaign_pages.accounts.fresh_sign_in import needs_recent_sign_in


@never_cache
@needs_recent_sign_in()
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """What would go, who asked, and the next step for whoever looks."""
    allow(request, IMPORT)
    file = get_object_or_404(ImportedFile, pk=pk)
    if request.method == "POST":
        try:
            messages.success(request, _done(request, file))
        except (NotAgreed, CannotWithdraw) as error:
            messages.error(request, str(error))
        return redirect("police_withdraw", pk=pk)
    asked = file.withdrawals.filter(confirmed=None).select_related("asked_by").first()
    own = asked is not None and asked.asked_by_id == request.user.pk
    context = frame(request, f"Withdraw {file.name}", CRUMB) | {
        "file": file,
        "asked": asked,
        "own": own,
        "may_decide": asked is not None and not own and request.user.has_perm(APPROVE),
        "may_ask": asked is None and file.state == ImportedFile.State.LOADED,
        "decided": file.withdrawals.exclude(confirmed=None).select_related("asked_by", "decided_by"),
        "form": WithdrawForm(),
    }
    return render(request, "analytics/police/withdraw.html", context)


def _done(request: HttpRequest, file: ImportedFile) -> str:
    """Asks, confirms or declines, and says so. Raises NotAgreed and CannotWithdraw."""
    if "ask" in request.POST:
        ask_withdrawal(file, by=request.user, reason=request.POST.get("reason", ""))
        return "Asked. Another person has to confirm; until then the file counts as before."
    asked = file.withdrawals.filter(confirmed=None).first()
    if asked is None:
        raise CannotWithdraw("Nobody has asked for this file to be withdrawn, or it is decided already.")
    if "confirm" in request.POST:
        done = confirm_withdrawal(asked, by=request.user)
        more = len(done.also_affected)
        also = (
            f" {more} later file{'s' if more > 1 else ''} may have held the same rows and should be given in again."
            if more
            else ""
        )
        return f"Withdrawn: {done.withdrawal.offences:,} rows are deleted, {done.withdrawal.restored:,} older versions count again.{also}"
    decline_withdrawal(asked, by=request.user)
    return "Declined. The file counts as before."


urlpatterns = [path("police-data/<int:pk>/withdraw/", withdraw, name="police_withdraw")]
