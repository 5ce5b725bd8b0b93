"""LaTeX token by token: each in Unicode, or left as it was written."""

import re
import unicodedata

from bot import latex_symbols as symbols

_MOST_NESTED = 20
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[{}^_]|[^\\{}^_]+|\\\Z", re.DOTALL)


class UntoldError(Exception):
    """There is LaTeX that Unicode has no equal for."""


class Reader:
    """Reads the tokens of a text once, from the first to the last; `formula` where it is one as a whole."""

    def __init__(self, text: str, formula: bool) -> None:
        self._tokens: list[str] = _TOKEN.findall(text)[::-1]  # the next one is last
        self._formula = formula
        self._depth = 0
        self._unknown = False  # whether a macro was met that nobody knows

    def whole(self) -> str:
        """Return the text in Unicode. Raises UntoldError."""
        shown: list[str] = []
        while self._tokens:
            shown.append(self._until_closed())
            if self._tokens:
                shown.append(self._tokens.pop())  # a bracket that nothing opened
        return "".join(shown)

    def _until_closed(self) -> str:
        shown: list[str] = []
        while self._tokens and self._tokens[-1] != "}":
            token = self._tokens.pop()
            if token == "{":
                shown.append(self._group(bare=True))
            elif token in "^_":
                shown.append(self._script(token))
            elif token.startswith("\\"):
                shown.append(self._macro(token))
            else:
                shown.append(token)
        return "".join(shown)

    def _group(self, *, bare: bool = False) -> str:
        """Return what the brackets hold; with them where they are bare and belong to what is said: "{a, b}"."""
        self._deeper()
        latex = self._formula or bool(self._tokens and self._tokens[-1].startswith("\\"))
        before, self._unknown = self._unknown, False
        inner = self._until_closed()
        latex, self._unknown = latex and not self._unknown, before
        self._depth -= 1
        if not self._tokens:  # never closed
            return "{" + inner
        self._tokens.pop()
        return inner if not bare or latex or inner.isalnum() or not inner else f"{{{inner}}}"

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > _MOST_NESTED:
            raise UntoldError

    def _argument(self) -> str | None:
        """Return what a macro is applied to, a group or a single sign; None at the end."""
        while self._tokens and self._tokens[-1].isspace():
            self._tokens.pop()
        if not self._tokens or self._tokens[-1] == "}":
            return None
        token = self._tokens.pop()
        if token == "{":
            return self._group()
        if token in "^_":
            raise UntoldError
        if token.startswith("\\"):
            self._deeper()
            shown = self._macro(token)
            self._depth -= 1
            return shown
        bare = token.lstrip()
        if bare[1:]:
            self._tokens.append(bare[1:])
        return bare[0]

    def _script(self, sign: str) -> str:
        """Return what is raised or lowered: in small letters where there are such, else after its sign."""
        braced = bool(self._tokens) and self._tokens[-1] == "{"
        if not self._formula and not braced:
            return sign  # "R^n" and "snake_case" outside of formulas
        inner = self._argument()
        if inner is None:
            return sign
        if sign == "^" and inner in ("∘", "°"):
            return "°"
        if inner in ("′", "∗", "*", "†"):
            return inner
        small = inner.translate(symbols.RAISED if sign == "^" else symbols.LOWERED)
        if inner and all(one != other for one, other in zip(inner, small, strict=True)):
            return small
        return sign + (inner if len(inner) == 1 or _is_number(inner) else f"({inner})")

    def _macro(self, token: str) -> str:
        name = token[1:]
        if name in symbols.ACCENTS:
            return self._accented(token, symbols.ACCENTS[name])
        if name in symbols.MATH_ACCENTS:
            return self._accented(token, symbols.MATH_ACCENTS[name])
        if name in symbols.LETTERS:
            self._skip_space()
            return symbols.LETTERS[name]
        if name in symbols.SWITCHES:
            self._skip_space()
            return ""
        return self._sign(name)

    def _sign(self, name: str) -> str:
        if name == "deg":
            return "deg" if self._formula else "°"
        if name in symbols.SIGNS:
            return symbols.SIGNS[name]
        if name in symbols.FONTS:
            return self._needed()
        if name in symbols.DOUBLE_STRUCK:
            return symbols.double_struck(self._needed())
        if name in symbols.FRACTIONS:
            return f"{_together(self._needed())}/{_together(self._needed())}"
        if name == "sqrt":
            return self._root()
        if self._formula:
            raise UntoldError
        return f"\\{name}{self._as_written()}"

    def _as_written(self) -> str:
        """Return the group that follows what nobody knows, with its brackets."""
        if not self._tokens or self._tokens[-1] != "{":
            self._unknown = True
            return ""
        self._tokens.pop()
        return f"{{{self._group()}}}"

    def _root(self) -> str:
        sign = "√"
        if self._tokens and (index := re.match(r"\[([34])\]", self._tokens[-1])):
            sign = {"3": "∛", "4": "∜"}[index[1]]
            self._tokens[-1] = self._tokens[-1][3:]
            if not self._tokens[-1]:
                self._tokens.pop()
        return sign + _together(self._needed())

    def _needed(self) -> str:
        found = self._argument()
        if found is None:
            raise UntoldError
        return found

    def _accented(self, token: str, mark: str) -> str:
        base = self._argument()
        if base is None or not base:
            return token
        base = base.replace("ı", "i").replace("ȷ", "j")
        if not base[0].isalpha() or (len(token) > 2 and len(base) > 1):
            raise UntoldError  # a bar over a whole formula
        accented = unicodedata.normalize("NFC", base[0] + mark)
        if token[1:].isalpha() and len(token) == 2 and len(accented) > 1:
            raise UntoldError  # "\\k R": somebody's own macro, not an R with a tail
        return accented + base[1:]

    def _skip_space(self) -> None:
        if self._tokens:
            self._tokens[-1] = self._tokens[-1].lstrip(" ")
            if not self._tokens[-1]:
                self._tokens.pop()


def _together(inner: str) -> str:
    return inner if len(inner) == 1 or inner.isalnum() else f"({inner})"


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isalnum()
