"""What a running site says about itself: the addresses in its site map, and those that stand in none."""

from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen
from xml.etree import ElementTree

NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"
# SYN001 is a venue of the demo.
ALSO = (
    "/search/?q=mates",
    "/poster/large-print/",
    "/venues/",
    "/venues/SYN001/",
    "/feedback/",
    "/cookies/choose/",
)


class NoSite(Exception):
    """Nothing answers at the address, or what answers has no site map; the message says which."""


def public_paths(base_url: str) -> list[str]:
    """Paths in the running site's site map, then those of ALSO. Raises NoSite."""
    if not base_url.startswith(("http://", "https://")):
        raise NoSite("--base-url must start with http:// or https://.")
    try:
        with urlopen(f"{base_url}/sitemap.xml", timeout=20) as answer:  # noqa: S310
            tree = ElementTree.fromstring(answer.read())  # noqa: S314
    except (URLError, OSError, ElementTree.ParseError) as error:
        raise NoSite(f"No site map at {base_url}/sitemap.xml ({error}). Start the site first.") from error
    paths = [urlsplit(place.text or "").path for place in tree.iter(NAMESPACE)]
    return [*paths, *(one for one in ALSO if one not in paths)]
