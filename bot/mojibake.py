"""Text in UTF-8 that somebody read as Latin-1 or Windows-1252: "GuimarÃ£es" for "Guimarães"."""

import re

# What Windows-1252 shows for the bytes 80 to 9F, where Latin-1 has control characters.
_WINDOWS = {
    bytes([byte]).decode("cp1252"): chr(byte)
    for byte in range(0x80, 0xA0)
    if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)  # five that it leaves out
}
_AS_BYTES = str.maketrans(_WINDOWS)
_LATER = "[\x80-\xbf" + "".join(_WINDOWS) + "]"
_RUN = re.compile(f"[\xc2-\xdf]{_LATER}|[\xe0-\xef]{_LATER}{{2}}|[\xf0-\xf4]{_LATER}{{3}}")
_TIMES = 2  # "AlzheimerÃ¢Â\x80Â\x99s" was misread twice


def mended(text: str) -> str:
    """Return the text with its misread letters as they were meant; any other text as it is.

    To be asked before control characters are taken out: without them the bytes are gone.
    """
    for _ in range(_TIMES):
        if text.isascii():
            break
        text = _RUN.sub(_meant, text)
    return text


def _meant(found: re.Match[str]) -> str:
    try:
        return found[0].translate(_AS_BYTES).encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return found[0]
