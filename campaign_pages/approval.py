"""The site's one workflow: whoever writes submits, somebody else approves, and that publishes."""

from typing import Any

from campaign_pages.accounts.roles import APPROVER

WORKFLOW = "Two people"
TASK = "Approval by a second person"


def set_up_workflow(**kwargs: Any) -> None:
    """Makes the workflow and gives it to the whole site, in place of Wagtail's own. Safe to run again."""
    from django.contrib.auth.models import Group
    from wagtail.models import Page, Workflow, WorkflowPage, WorkflowTask

    from campaign_pages.models import SecondPersonTask

    root = Page.objects.filter(depth=1).first()
    group = Group.objects.filter(name=APPROVER).first()
    if root is None or group is None:
        return
    task, _ = SecondPersonTask.objects.get_or_create(name=TASK)
    task.groups.add(group)
    workflow, _ = Workflow.objects.get_or_create(name=WORKFLOW)
    WorkflowTask.objects.get_or_create(workflow=workflow, task=task, defaults={"sort_order": 0})
    WorkflowPage.objects.update_or_create(page=root, defaults={"workflow": workflow})
