"""From a dispatch's row to what a platform client needs. Simulated rows and real hosts never meet."""

from django.conf import settings

from campaign_pages.social.dispatch_models import Dispatch
from campaign_pages.social.platforms.contract import Account, Message


def account_of(dispatch: Dispatch) -> Account:
    """A simulated dispatch only ever reaches the sandbox, and a real one never does."""
    account = dispatch.account
    if dispatch.simulated:
        return Account(account.platform_user_id, "sandbox", f"{settings.WALKAWAY_SANDBOX_URL}/{account.platform}")
    return Account(
        account.platform_user_id, account.access_token, settings.SOCIAL_PLATFORM_HOSTS[account.platform]
    )


def message_of(dispatch: Dispatch) -> Message:
    return Message(str(dispatch.pk), dispatch.caption, dispatch.image_url, dispatch.alt_text)
