"""Search of the public site: a plain form, the database's own full-text search, no script."""

import re

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe
from wagtail.models import Page, Site

LONGEST_QUERY = 100
ON_ONE_PAGE = 10
# Quotes, stars and brackets are orders to the databases' search languages: only words go through.
WORD = re.compile(r"[\w'’-]+")


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Live English pages with all of the words, best first, ten at a time. What people look for is kept nowhere."""
    words = " ".join(WORD.findall(request.GET.get("q", "")[:LONGEST_QUERY]))
    results = None
    site = Site.find_for_request(request)
    if words and site is not None:
        # The other languages stand in trees of their own beside this one.
        pages = Page.objects.descendant_of(site.root_page, inclusive=True).live().public()
        results = Paginator(pages.search(words), ON_ONE_PAGE).get_page(request.GET.get("p"))
    context = {"words": words, "results": results, "query": f"{urlencode({'q': words})}&"}
    return render(request, "campaign_pages/search.html", context)
