"""Snippets whose pop-up lists ask for the same permissions as their screens.

Wagtail asks only for access to the admin before it lists the records of a snippet in a chooser, so a data importer could
have read what the public wrote in the feedback form.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.snippets.views.chooser import (
    ChooseResultsView,
    ChooseView,
    SnippetChooserViewSet,
    SnippetChosenMultipleView,
    SnippetChosenView,
)
from wagtail.snippets.views.snippets import SnippetViewSet

ANY_OF = {"add", "change", "delete", "view"}


class _AsksFirst:
    model_class: Any

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not ModelPermissionPolicy(self.model_class).user_has_any_permission(request.user, ANY_OF):
            raise PermissionDenied
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return answer


class _Choose(_AsksFirst, ChooseView):
    pass


class _Results(_AsksFirst, ChooseResultsView):
    pass


class _Chosen(_AsksFirst, SnippetChosenView):
    pass


class _ChosenMultiple(_AsksFirst, SnippetChosenMultipleView):
    pass


class RecordChooserViewSet(SnippetChooserViewSet):
    choose_view_class = _Choose
    choose_results_view_class = _Results
    chosen_view_class = _Chosen
    chosen_multiple_view_class = _ChosenMultiple


class RecordViewSet(SnippetViewSet):
    """What every snippet of ours is registered with."""

    chooser_viewset_class = RecordChooserViewSet
