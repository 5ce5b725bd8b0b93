"""The one text analyser: words, folding and stems that rules, evaluator and search index share.

What two of them call the same word, all of them do, because nobody else cuts text into words.
"""

import re
import threading
import unicodedata
from functools import lru_cache

import Stemmer

from bot.latex import letters

# Letters that Unicode does not decompose, though people type them without their stroke.
UNDECOMPOSED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t"}
)
_WORD = re.compile(r"[^\W_]+")
_ASCII_DIVIDERS = {number: " " for number in range(128) if not chr(number).isalnum()}
_WHITE = re.compile(r"\s+")
# Compounds of papers that are spelled in all three ways: multimodal, multi-modal, multi modal. The list is closed,
# since "pre" begins "prediction", too, and "multi" begins "multiple".
_JOINED = re.compile(
    "multi(?=agent|class|dimension|domain|head|hop|label|layer|lingual|modal|object|scale|stage|step|task|turn|view)"
    "|cross(?=attention|domain|entrop|lingual|modal)|(?:pre|post)(?=train|process)|fine(?=tun|grain)"
    "|(?:zero|few|one)(?=shot)|non(?=convex|linear|parametric)|semi(?=supervis)|self(?=attention|supervis)"
    "|open(?=source)|low(?=rank)|real(?=time)"
)
# Control characters, lone surrogates, and marks that reorder or hide what a person reads.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)

_VOWELS = frozenset("aeiouy")
_stemmer = Stemmer.Stemmer("english", 0)
_stemmer_lock = threading.Lock()  # PyStemmer objects are not safe to share between threads


def fold(text: str) -> str:
    """Return `text` without accents and case, so that spellings of one word compare equal."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return bare.casefold().translate(UNDECOMPOSED)


def words(text: str) -> list[str]:
    """Return the folded words of `text` in order; punctuation and hyphens divide words, LaTeX's accents don't."""
    folded = fold(letters(text))
    # For ASCII the same as the expression, and 2.6 times as fast: most of what is analysed.
    return folded.translate(_ASCII_DIVIDERS).split() if folded.isascii() else _WORD.findall(folded)


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """Return the English stem (Snowball) of a folded word; "llms" and "cnns", without a vowel, are plurals too."""
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss") and _VOWELS.isdisjoint(word):
        word = word[:-1]
    with _stemmer_lock:
        return str(_stemmer.stemWord(word))


def stems(text: str) -> list[str]:
    """Return the stems of the words of `text` in order: what titles and abstracts are matched by."""
    return [part for word in words(text) for part in word_stems(word)]


@lru_cache(maxsize=200_000)
def word_stems(word: str) -> tuple[str, ...]:
    """Return the stem of a folded word; two for one that is as often written with a hyphen: "multimodal"."""
    joined = _JOINED.match(word)
    return (stem(joined[0]), stem(word[joined.end() :])) if joined else (stem(word),)


def clean(text: str) -> str:
    """Return `text` without unseen characters and with white space collapsed to single spaces."""
    if text.isprintable():  # nothing unseen is, nor white space but the space itself; four times as fast
        return " ".join(text.split())
    return _WHITE.sub(" ", _UNSEEN.sub("", text)).strip()


def clean_paragraphs(text: str) -> str:
    """Return `text` cleaned line by line, an empty line kept as the mark of a paragraph."""
    paragraphs = re.split(r"\n\s*\n", _UNSEEN.sub("", text))
    return "\n\n".join(filter(None, (clean(paragraph) for paragraph in paragraphs)))


def cut(text: str, limit: int) -> str:
    """Return `text` in at most `limit` characters, cut between words where possible, with an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    space = head.rfind(" ")
    return (head[:space] if space > limit // 2 else head).rstrip(" ,.;:") + "…"


def shown(text: str, limit: int = 40) -> str:
    """Return what somebody typed in a form fit to be quoted back to them in one line."""
    return cut(clean(text), limit)


def plural(count: int, one: str, many: str | None = None) -> str:
    """Return the count with its noun: "1 paper", "1,204 papers"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def either(options: list[str]) -> str:
    """Return options as a phrase: "a", "a or b", "a, b or c"."""
    return options[0] if len(options) == 1 else f"{', '.join(options[:-1])} or {options[-1]}"
