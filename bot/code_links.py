"""Where a paper's code is, told by what its authors wrote: abstract or comment."""

import re

_HOSTS = ("github.com/", "gitlab.com/", "huggingface.co/")
_LINK = re.compile(
    r"(?<![\w.-])(?:https?://)?(?:www\.)?"
    r"(?:(github\.com|gitlab\.com)/|(huggingface\.co)/(?!papers/|docs/|blog/|collections/|posts/|learn/))"
    r"((?:(?:datasets|spaces)/)?[\w][\w.-]*/[\w.-]*[\w-](?:/[\w./-]*[\w-])?)",
    re.IGNORECASE | re.ASCII,
)
_ESCAPED = re.compile(r"\\([_#%&~-])")
_LONGEST = 2_000


def code_link(*texts: str | None) -> str | None:
    """Return the address of the first repository that one of the texts names, over https, without what follows it."""
    for text in texts:
        if text and any(host in text.lower() for host in _HOSTS) and (found := _LINK.search(_ESCAPED.sub(r"\1", text))):
            path = found[3].removesuffix(".git")
            return f"https://{(found[1] or found[2]).lower()}/{path}"[:_LONGEST]
    return None
