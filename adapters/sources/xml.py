"""XML that others wrote: read whole or not at all, and only where it is what was asked for.

No document type, so no entities of its own and nothing fetched from elsewhere (defusedxml); limits on size, depth and
elements; the root element is looked at before anything of the rest is taken.
"""

import codecs
import re
from collections.abc import Collection
from typing import NoReturn
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from bot import text
from bot.errors import SourceError
from bot.mojibake import mended

MOST_BYTES = 32 * 1024 * 1024  # 1,000 records of arXiv have 2 MB
MOST_ELEMENTS = 400_000  # 1,000 records have 60,000; 20,000 entries of a feed have 280,000
DEEPEST = 50  # arXiv's go to 7, XHTML in feeds to 20 or so

_DECLARED = re.compile(rb"""\A(?:\xef\xbb\xbf)?\s*<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_WEB_PAGE = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:<!--.*?-->\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL
)
_PAGE_TITLE = re.compile(rb"<title[^>]*>([^<]{1,200})", re.IGNORECASE)
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Python knows codecs that are no encodings of text (zlib, base64), and slow ones (punycode): none of these.
_ENCODINGS = re.compile(
    r"ascii|iso8859-[0-9]+|cp[0-9]+|koi8-[ru]|mac-\w+|gb\w+|hz|big5\w*|shift_jis\w*|euc_\w+|utf-16\S*"
)
_CUT_OFF = frozenset({3, 5, 6, 20})  # expat: no element found, unclosed token, partial character, unclosed CDATA


class DocumentTypeError(SourceError):
    """The document brings a type or entities of its own."""


class _RefusedError(Exception):
    """What is wrong with the document, as the end of a sentence."""


def parse_xml(body: bytes, name: str, roots: Collection[str]) -> Element:
    """Return the root of an XML document, which must be one of `roots` ("{namespace}name").

    SourceError, `name` its subject, when it is another one, cut off, no XML, or XML that nobody should read.
    """
    _look_at(body, name)
    content, encoding = _encoded(body, name)
    parser = DefusedXMLParser(target=_Checked(roots), encoding=encoding, forbid_dtd=True)
    try:
        parser.feed(content)
        root: Element = parser.close()
    except ParseError as error:
        raise SourceError(f"{name} {_fault(error)}.") from error
    except DefusedXmlException as error:
        raise DocumentTypeError(f"{name} brings a document type or entities of its own, which are not read.") from error
    except _RefusedError as error:
        raise SourceError(f"{name} {error}.") from error
    except (ValueError, LookupError) as error:  # pyexpat: an encoding that it can't use
        raise SourceError(f"{name} is in an encoding that is not read here.") from error
    return root


def _look_at(body: bytes, name: str) -> None:
    """Raise where the first bytes tell that it is no XML at all."""
    if not body.strip():
        raise SourceError(f"{name} is empty.")
    if len(body) > MOST_BYTES:
        raise SourceError(f"{name} is larger than {MOST_BYTES // 2**20} MB.")
    start = body[:2_000]
    if _WEB_PAGE.match(start):
        titled = _PAGE_TITLE.search(start)
        title = f" (“{_quoted(titled[1])}”)" if titled else ""
        raise SourceError(f"{name} is a web page{title}, not XML.")
    if not start.startswith(_UTF_16) and not start.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<"):
        raise SourceError(f"{name} is not XML: “{_quoted(start)}”.")


def _quoted(start: bytes) -> str:
    return text.shown(start.decode("utf-8", "replace"), 60)


def _encoded(body: bytes, name: str) -> tuple[bytes, str | None]:
    """Return the document and the encoding that it is in, None where it says so itself.

    Text that is valid UTF-8 is UTF-8, whatever is declared: by chance, Latin-1 hardly ever is.
    """
    if body.startswith(_UTF_16):
        return body, None
    told = _DECLARED.match(body)
    declared = told[1].decode().lower() if told else "utf-8"
    if declared.startswith("utf-16"):  # there is no mark of it, and `<` was one byte
        declared = "utf-8"
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        if declared not in ("utf-8", "utf8"):
            return _decoded(body, declared, name), "utf-8"
        if error.reason == "unexpected end of data":
            raise SourceError(f"{name} is cut off.") from error
        said = "says that it is in UTF-8, but is not" if told else "is not in UTF-8 and doesn't say in what else"
        raise SourceError(f"{name} {said}.") from error
    return body, "utf-8"


def _decoded(body: bytes, declared: str, name: str) -> bytes:
    try:
        codec = codecs.lookup(declared)
        if not _ENCODINGS.fullmatch(codec.name):
            raise LookupError(declared)
        return codec.decode(body)[0].encode("utf-8")
    except LookupError as error:
        raise SourceError(f"{name} is in an encoding that is not read here: {text.shown(declared)}.") from error
    except UnicodeError as error:
        raise SourceError(f"{name} says that it is in {text.shown(declared)}, but is not.") from error


def _fault(error: ParseError) -> str:
    if error.code in _CUT_OFF:
        return "is cut off"
    line, column = error.position
    return f"is not well-formed XML (line {line}, column {column + 1})"


class _Checked:
    """Builds the tree, and gives up at the first element that nobody asked for."""

    def __init__(self, roots: Collection[str]) -> None:
        self._roots = roots
        self._builder = TreeBuilder()
        self._depth = self._elements = 0
        self.data = self._builder.data

    def start(self, tag: str, attributes: dict[str, str]) -> Element:
        if not self._elements and tag not in self._roots:
            self._refuse_root(tag)
        self._depth += 1
        self._elements += 1
        if self._depth > DEEPEST:
            raise _RefusedError(f"nests its elements more than {DEEPEST} deep")
        if self._elements > MOST_ELEMENTS:
            raise _RefusedError(f"has more than {MOST_ELEMENTS:,} elements")
        return self._builder.start(tag, attributes)

    def end(self, tag: str) -> Element:
        self._depth -= 1
        return self._builder.end(tag)

    def close(self) -> Element:
        return self._builder.close()

    def _refuse_root(self, tag: str) -> NoReturn:
        namespace, _, name = tag.rpartition("}")
        wanted = " or ".join(sorted({f"<{root.rpartition('}')[2]}>" for root in self._roots}))
        if any(root.rpartition("}")[2] == name for root in self._roots):
            there = text.shown(namespace.removeprefix("{"), 100)
            raise _RefusedError(f"is a <{text.shown(name)}> of another kind (namespace “{there}”)")
        raise _RefusedError(f"is a <{text.shown(name)}>, not {wanted}")


def raw_text(element: Element | None) -> str:
    """Return all text within an element, markup left out; nothing where there is no element."""
    return "" if element is None else "".join(element.itertext())


def line(element: Element | None, limit: int) -> str:
    """Return an element's text in one clean line of at most `limit` characters; empty where nothing is left."""
    return text.cut(text.clean(mended(raw_text(element)[: 4 * limit])), limit)


def first(element: Element, names: Collection[str], namespaces: dict[str, str]) -> Element | None:
    """Return the first child with one of the names ("prefix:name")."""
    return next((found for name in names if (found := element.find(name, namespaces)) is not None), None)
