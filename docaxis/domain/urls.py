"""URLs of a broker may name several hosts, `amqps://user@one:5671,[fd00::3]:5671/axis`, which the standard library refuses."""

import re
from urllib.parse import SplitResult, urlsplit

_HOSTS = re.compile(r"(?<=://)[^/?#]*")


def split_url(url: str) -> SplitResult:
    """Split like urlsplit, whatever stands in the place of the host: there netloc holds the hosts, separated by commas.

    Raises ValueError where no scheme or no path can be told.
    """
    found = _HOSTS.search(url)
    if found is None:
        return urlsplit(url)
    # Some versions of Python look into the brackets of an IPv6 address and take the hosts before it for rubbish.
    return urlsplit(url[: found.start()] + "host" + url[found.end() :])._replace(netloc=found[0])
