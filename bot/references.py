"""Every form in which people paste a paper's id: bare, as a key, as an address, wrapped by chats and prose."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from bot.paper_ids import ACL_NEW, ACL_OLD, ARXIV_NEW, PaperId, Scheme


@dataclass(frozen=True, slots=True)
class Reference:
    """What somebody pasted: a paper, and its version where the form names one."""

    id: PaperId
    version: int | None


_LONGEST_REFERENCE = 2_000


def parse_reference(text: str) -> Reference | None:
    """The paper that the whole text refers to: an id, a key or an address, as chats and prose wrap them.

    None when it is anything else or longer than 2,000 characters. Never raises.
    """
    if len(text) > _LONGEST_REFERENCE:
        return None
    bare = _without_prose(_without_link_marks(_without_prose(text)))
    if not (bare.isascii() and bare.isprintable()):
        return None
    return _from_key(bare) or _from_address(bare) or _from_id(bare)


# --- What chats and prose put around a reference ---

_SPACE = " \t\r\n\u00a0\u200b\ufeff"  # with the invisible ones that come along from web pages
_QUOTES = "\"'`“”‘’«»"
_SENTENCE_ENDS = ".,;:!?…"
_BRACKETS: Final[Mapping[str, str]] = {")": "(", "]": "[", "}": "{"}
_LINK = re.compile(r"<([^<>|]+)(?:\|[^<>]*)?>")
_ESCAPED: Final[Mapping[str, str]] = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}


def _without_prose(text: str) -> str:
    text = text.lstrip(_SPACE + _QUOTES + "([{")  # no reference begins with one of these
    while text and _ends_in_prose(text):
        text = text[:-1]
    return text


def _ends_in_prose(text: str) -> bool:
    """Whether the last character is none of the reference's: a closing bracket is when it was opened there.

    DOIs end in brackets of their own: 10.1016/S0140-6736(20).
    """
    last = text[-1]
    if last in _BRACKETS:
        return text.count(last) > text.count(_BRACKETS[last])
    return last in _SPACE + _QUOTES + _SENTENCE_ENDS


def _without_link_marks(text: str) -> str:
    """The address in Slack's `<address|label>` or `<address>` (Discord's, too), its `&amp;` undone."""
    link = _LINK.fullmatch(text)
    if not link:
        return text
    address = link[1]
    for escaped, character in _ESCAPED.items():
        address = address.replace(escaped, character)
    return address


# --- One reader per family of ids: the id alone, without anything around it ---

_ANY_CASE = re.IGNORECASE | re.ASCII  # without ASCII, "k" would match the Kelvin sign
_VERSION = r"(?:v(?P<version>[1-9][0-9]{0,3}))?"
_ARXIV_NEW_FORM = re.compile(rf"(?P<id>{ARXIV_NEW}){_VERSION}", _ANY_CASE)
_ARXIV_OLD_FORM = re.compile(rf"(?P<archive>[a-z-]+)(?:\.[a-z-]+)?(?P<number>/[0-9]{{7}}){_VERSION}", _ANY_CASE)
_ACL_FORM = re.compile(rf"(?P<id>{ACL_NEW}|{ACL_OLD}){_VERSION}", _ANY_CASE)
_PREPRINT_FORM = re.compile(rf"(?P<id>10\.(?:1101|64898)/[0-9.]*[0-9]){_VERSION}")  # bioRxiv, medRxiv
_ARXIV_DOI = "10.48550/arxiv."
_REAL_DOI = re.compile(r"10\.[0-9]{4,9}[./]")  # registrants have four digits or more: "10.5/7" is no DOI


def _reference(scheme: Scheme, value: str, version: str | None = None) -> Reference | None:
    try:
        return Reference(PaperId(scheme, value), int(version) if version else None)
    except ValueError:
        return None


def _arxiv(text: str) -> Reference | None:
    if new := _ARXIV_NEW_FORM.fullmatch(text):
        return _reference(Scheme.ARXIV, new["id"], new["version"])
    if old := _ARXIV_OLD_FORM.fullmatch(text):
        return _reference(Scheme.ARXIV, old["archive"].lower() + old["number"], old["version"])
    return None


def _doi(text: str) -> Reference | None:
    doi = text.lower()
    if doi.startswith(_ARXIV_DOI) and (paper := _arxiv(doi.removeprefix(_ARXIV_DOI))):
        return paper
    if preprint := _PREPRINT_FORM.fullmatch(doi):
        return _reference(Scheme.DOI, preprint["id"], preprint["version"])
    return _reference(Scheme.DOI, doi)


def _acl(text: str) -> Reference | None:
    form = _ACL_FORM.fullmatch(text)
    if not form:
        return None
    new_style = "." in form["id"]
    return _reference(Scheme.ACL, form["id"].lower() if new_style else form["id"].upper(), form["version"])


def _openreview(text: str) -> Reference | None:
    return _reference(Scheme.OPENREVIEW, text)


def _web(text: str) -> Reference | None:
    return _reference(Scheme.WEB, text.lower())


def _from_id(text: str) -> Reference | None:
    return _arxiv(text) or _acl(text) or (_doi(text) if _REAL_DOI.match(text) else None)


# --- Keys: a scheme, a colon and an id ---

_CATEGORY_STAMP = re.compile(r" \[[A-Za-z.-]+\]\Z")  # arXiv's own way to cite: arXiv:2506.01234v2 [cs.CL]


def _arxiv_citation(text: str) -> Reference | None:
    return _arxiv(_CATEGORY_STAMP.sub("", text).rstrip())


_KEYS: Final[Mapping[str, Callable[[str], Reference | None]]] = {
    "arxiv": _arxiv_citation,
    "doi": _doi,
    "acl": _acl,
    "openreview": _openreview,
    "web": _web,
}


def _from_key(text: str) -> Reference | None:
    scheme, colon, value = text.partition(":")
    read = _KEYS.get(scheme.rstrip().lower())
    return read(value.strip()) if colon and read else None


# --- Addresses: a reader per site ---

_HTTP = re.compile(r"\Ahttps?://", _ANY_CASE)
_FILE_ENDING = re.compile(r"\.(?:pdf|html|ps|ps\.gz|bib|xml|endf)\Z", _ANY_CASE)
_ARXIV_PAGES = frozenset({"abs", "pdf", "html", "format", "ps", "e-print", "src", "overview"})
_OPENREVIEW_PAGES = frozenset({"/forum", "/pdf", "/attachment"})
_PREPRINT_PAGE = re.compile(r"/content/(10\.(?:1101|64898)/[0-9.]*[0-9](?:v[0-9]+)?)(?:\.[a-z].*)?")


def _path(address: SplitResult) -> str:
    return unquote(address.path).rstrip("/")


def _at_arxiv(address: SplitResult) -> Reference | None:
    page, _, paper = _path(address).lstrip("/").partition("/")
    return _arxiv(_FILE_ENDING.sub("", paper)) if page in _ARXIV_PAGES else None


def _at_hugging_face(address: SplitResult) -> Reference | None:
    page, _, paper = _path(address).lstrip("/").partition("/")
    return _arxiv(paper) if page == "papers" else None


def _at_doi(address: SplitResult) -> Reference | None:
    return _doi(unquote(address.path).removeprefix("/"))  # a DOI may end in a slash


def _at_preprints(address: SplitResult) -> Reference | None:
    page = _PREPRINT_PAGE.fullmatch(_path(address))
    return _doi(page[1]) if page else None


def _at_acl(address: SplitResult) -> Reference | None:
    return _acl(_FILE_ENDING.sub("", _path(address).rpartition("/")[2]))


def _at_openreview(address: SplitResult) -> Reference | None:
    named = parse_qs(address.query).get("id", [])
    return _openreview(named[0]) if named and _path(address) in _OPENREVIEW_PAGES else None


_SITES: Final[Mapping[str, Callable[[SplitResult], Reference | None]]] = {
    "arxiv.org": _at_arxiv,
    "export.arxiv.org": _at_arxiv,
    "browse.arxiv.org": _at_arxiv,
    "ar5iv.labs.arxiv.org": _at_arxiv,
    "ar5iv.org": _at_arxiv,
    "alphaxiv.org": _at_arxiv,
    "huggingface.co": _at_hugging_face,
    "hf.co": _at_hugging_face,
    "doi.org": _at_doi,
    "dx.doi.org": _at_doi,
    "biorxiv.org": _at_preprints,
    "medrxiv.org": _at_preprints,
    "aclanthology.org": _at_acl,
    "aclweb.org": _at_acl,
    "openreview.net": _at_openreview,
}


def _from_address(text: str) -> Reference | None:
    if " " in text:
        return None
    try:
        address = urlsplit("https://" + _HTTP.sub("", text))
    except ValueError:  # a host in a stray bracket, as in "https://[x"
        return None
    read = _SITES.get((address.hostname or "").removeprefix("www."))
    return read(address) if read else None
