"""Withdrawn papers: arXiv marks them by nothing but words in the comment, where everybody writes as they like.

The words are those of the 197 comments that speak of withdrawing among 50,756 and some; each was read by a person. To
miss a withdrawn paper is a lesser evil than to hide one that stands: what was withdrawn from a conference is not
withdrawn, nor is the paper whose earlier version was.
"""

import re

_KIND = r"(?:paper|article|submission|manuscript|pre-?print|document|report|e-?print|draft)"
_WORK = rf"(?:(?:this|the|our|these)\s+)?(?:(?:present|conference|current)\s+)?{_KIND}s?"
_ELSEWHERE = r"(?!\s+from\s+(?!\s|(?:the\s+)?(?:arxiv|archive|publication|public)))"
_SIGNS = (
    # "Withdrawn", "withdrawn by the authors", "13 pages; withdrawn because ...", but no "later withdrawn"
    rf"(?:^\W*|[.;:]\s+)withdrawn\b{_ELSEWHERE}|[,.;]\s*withdrawn\W*$",
    # "This paper has been withdrawn", "paper withdrawn", "the paper is being withdrawn"
    rf"\b(?:{_WORK}|current\s+version|(?:this|all)\s+versions?)\s+"
    rf"(?:(?:has|have|had|is|are|was)\s+(?:(?:now|been|being|hereby)\s+)*)?withdrawn?\b(?!\s+version){_ELSEWHERE}",
    # "This paper is incorrect, and has been withdrawn", "it has been withdrawn from the archive"
    rf"\b(?:this|the)\s+{_KIND}(?:(?!\b(?:which|that)\b)[^.;]){{0,60}}\bha(?:s|ve)\s+been\s+withdrawn\b{_ELSEWHERE}",
    rf"\bit\s+has\s+been\s+withdrawn\b{_ELSEWHERE}",
    # "we would like to withdraw this paper", "so I withdraw it", "we request the withdrawal of our paper"
    rf"\bwithdraw(?:al|ing)?\s+(?:of\s+)?(?:all\s+versions\s+of\s+)?(?:it\b|{_WORK}\b){_ELSEWHERE}",
)
_WITHDRAWN = re.compile("|".join(_SIGNS), re.IGNORECASE)
_ABSTRACT_ALONE = re.compile(
    rf"\W*(?:this|the)\s+(?:version\s+of\s+(?:this|the)\s+)?{_KIND}\s+(?:has\s+been|is(?:\s+being)?|was)\s+withdrawn\b",
    re.IGNORECASE,
)


def is_withdrawn(comment: str | None, abstract: str = "") -> bool:
    """Whether the authors or arXiv withdrew the paper, told by its comment, or by an abstract that begins with it."""
    if comment and "ithdraw" in comment.lower() and _WITHDRAWN.search(comment):
        return True
    return bool(_ABSTRACT_ALONE.match(abstract))
