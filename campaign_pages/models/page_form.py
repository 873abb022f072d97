"""The editor's form refuses to publish a page that breaks a content rule, and says why. Drafts are free."""

from wagtail.admin.forms import WagtailAdminPageForm

from campaign_pages.models.approval import OWN_WORK


class CheckedPageForm(WagtailAdminPageForm):
    is_draft = False

    def defer_required_fields(self) -> None:
        # Wagtail calls this where a draft is saved: then half-written is fine.
        self.is_draft = True
        super().defer_required_fields()

    def _post_clean(self) -> None:
        super()._post_clean()
        if self.is_draft or self.errors:
            return
        for reason in self.instance.publish_problems():
            self.add_error(None, reason)
        if "action-publish" in self.data:  # whoever sends this form is a writer of what it holds
            self.add_error(None, OWN_WORK)
