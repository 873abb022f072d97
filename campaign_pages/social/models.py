"""Posts and their dispatches. The rows below are the queue: nothing else decides what is published (0004)."""

from campaign_pages.social.dispatch_models import Dispatch, DispatchEvent, PublisherHeartbeat
from campaign_pages.social.post_models import Post, PublishingSwitch, SocialAccount

__all__ = ["Dispatch", "DispatchEvent", "Post", "PublisherHeartbeat", "PublishingSwitch", "SocialAccount"]
