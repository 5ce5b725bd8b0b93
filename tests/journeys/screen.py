"""A message as its reader sees it, on any platform."""

from dataclasses import dataclass, field

from bot import text

Control = tuple[str, str]
"""A button's or a menu entry's label, and the command that a press runs."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a message as its reader sees it: the words, the links (label and address), and what can be pressed."""

    text: str
    links: tuple[tuple[str, str], ...] = ()
    controls: tuple[Control, ...] = ()


@dataclass(frozen=True, slots=True)
class Screen:
    """A message as its reader sees it; `aloud` is what a screen reader says, and `room` how much longer it could be.

    `named` are the channels' ids with the names that the platform shows in their place. `menus` are those of a whole
    list, whose lines have none of their own. `brief`: so many characters of a summary are there at least, unless there
    is no room for those of all. `one_button`: a paper in a digest has its vote alone; `is_full`: there is
    no room for one button more.
    """

    parts: tuple[Part, ...]
    aloud: str
    room: int
    named: dict[str, str] = field(default_factory=dict)
    menus: tuple[tuple[Control, ...], ...] = ()
    one_button: bool = False
    is_full: bool = False
    brief: int = 0

    def words(self, said: str | None) -> str:
        """Return words of ours as they look on this screen."""
        shown = text.clean(said or "")
        for key, name in self.named.items():
            shown = shown.replace(key, name)
        return shown
