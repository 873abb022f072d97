"""Nobody approves their own work: the step of a workflow that a second person must take."""

from typing import Any

from django.core.exceptions import PermissionDenied
from wagtail.models import AbstractGroupApprovalTask, Page, TaskState

OWN_WORK = "You wrote part of this page. Another person must approve it: submit it, and ask a colleague."


class OwnWork(PermissionDenied):
    """Somebody tries to publish what they wrote."""

    def __init__(self) -> None:
        super().__init__(OWN_WORK)


def writers_of(page: Page) -> set[int]:
    """Primary keys of everybody who changed the page since what is live now; for a new page, of everybody."""
    revisions = page.revisions.all()
    if page.live_revision_id is not None:
        revisions = revisions.filter(pk__gt=page.live_revision_id)
    return set(revisions.exclude(user=None).values_list("user_id", flat=True))


class SecondPersonTask(AbstractGroupApprovalTask):
    """Approval by a member of the groups who did not write any of it. Asking for changes is open to all of them."""

    class Meta:
        verbose_name = "approval by a second person"
        verbose_name_plural = "approvals by a second person"

    def get_actions(self, obj: Any, user: Any) -> list[tuple[str, str, bool]]:
        actions: list[tuple[str, str, bool]] = super().get_actions(obj, user)
        if user.pk in writers_of(obj):
            return [action for action in actions if action[0] != "approve"]
        return actions

    def on_action(self, task_state: TaskState, user: Any, action_name: str, **kwargs: Any) -> Any:
        if action_name == "approve" and user.pk in writers_of(task_state.workflow_state.content_object):
            raise OwnWork
        return super().on_action(task_state, user, action_name, **kwargs)

    @classmethod
    def get_description(cls) -> str:
        return "Somebody of these groups who did not write any of it must approve it"
