"""What is published is the caption and a link that counts; limits hold for both together."""

from django.conf import settings


def counting_link(dispatch: int) -> str:
    """The end of a published caption. The site counts visits by it, and a lost reply is matched by it."""
    return f"\n\n{settings.WALKAWAY_BASE_URL}/tonight/?utm_content={dispatch}"


# Limits are checked before a dispatch has a number: ten digits are more than any number has.
LONGEST_NUMBER = 9_999_999_999
