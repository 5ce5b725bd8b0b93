"""Whether what a platform shows tells a reply: all of it, with buttons that run what they say, and nothing else.

A platform's stage reads its messages into a `Screen`; the rest is the same for all platforms. The cuts that a
platform may make are the ones named here and in `tests.journeys.facts`.
"""

from collections.abc import Callable, Mapping, Sequence

from bot import text
from bot.reply import AbstractsPost, Action, Card, DigestPost, FollowLine, PaperLine, Post, Reply
from tests.journeys.facts import OPENING, REASONS, card_words, digest_words, opening, paper_words, passage_of
from tests.journeys.screen import Control, Part, Screen

NOT_DONE = "Not done:"
STATES = {"ok": "OK", "warn": "Warning", "fail": "Failed"}
CARD_AUTHORS = 20

IN_A_LIST = {"Vote": "vote"}
IN_A_DIGEST = {"Vote": "vote", "Save": "save", "Abstract": "show"}
"""What can be done with a paper where it is listed: labels, and the command before its id."""


def reply_faults(reply: Reply, screen: Screen, extras: Sequence[Control] = ()) -> list[str]:
    """Return what a screen does not tell of a reply, or tells besides; `extras` are buttons that the platform adds."""
    reading = Reading(screen)
    reading.notice(reply.notice, reply.ok)
    reading.heading(reply.heading)
    reading.papers(reply.papers or ())
    if reply.card:
        reading.card(reply.card)
    if reply.digest:
        reading.digest(reply.digest)
    reading.follows(reply.follows or ())
    if reply.mutes:
        reading.exactly("Muted")
        reading.follows(reply.mutes)
    for line in reply.digests or ():
        reading.one("a digest's line", digest_words(line))
    if reply.pages and reply.pages.pages > 1:
        noun = "paper" if reply.papers is not None else "rule"
        told = f"page {reply.pages.page} of {reply.pages.pages} · {text.plural(reply.pages.total, noun)}"
        reading.exactly(told)
    reading.buttons([*reply.actions, *(Action(*each) for each in extras)])
    reading.lines([(STATES[line.state], line.what, line.detail) for line in reply.status or ()])
    reading.lines([(line.usage, line.summary) for line in reply.help or ()])
    return reading.end()


def post_faults(post: Post, screen: Screen) -> list[str]:
    """Return what a screen does not tell of a digest that was posted, or of abstracts, or tells besides."""
    if isinstance(post, AbstractsPost):
        return _abstracts_faults(post, screen)
    reading = Reading(screen)
    reading.digest(post)
    reading.buttons(())
    return reading.end()


def _abstracts_faults(post: AbstractsPost, screen: Screen) -> list[str]:
    shown = "\n".join(part.text for part in screen.parts)
    links = {link for part in screen.parts for link in part.links}
    words = [word for paper in post.papers for word in (paper.title, paper.text[:OPENING])]
    wrong = [f"“{word}” is not shown" for word in map(screen.words, words) if word not in shown]
    unlinked = [paper for paper in post.papers if paper.url and (screen.words(paper.title), paper.url) not in links]
    return wrong + [f"“{paper.title}” has no link" for paper in unlinked]


class Reading:
    """Reads a screen part by part, and notes what is wrong."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._left = list(screen.parts)
        self._wrong: list[str] = []
        self._left_out: list[tuple[str, int]] = []  # with how much of the room it takes
        self._not_begun: list[tuple[str, int]] = []
        self._buttons: list[Action] = []
        self._toggles: list[Control] = []
        self._removals: list[Control] = []

    def notice(self, notice: str | None, ok: bool) -> None:
        """What was done, or that it was not."""
        if not notice:
            assert ok, "what is not done must say why"
            return
        said = self._screen.words(notice)
        self.exactly(said if ok else f"{NOT_DONE} {said}")
        self._aloud(notice)

    def heading(self, heading: str | None) -> None:
        """The title above all."""
        if heading:
            self.exactly(heading)
            self._aloud(heading)

    def papers(self, papers: Sequence[PaperLine], done: Mapping[str, str] = IN_A_LIST) -> None:
        """Papers, in their order, each with its link, its facts, why it is there, and what can be done with it."""
        before = -1
        for paper in papers:
            place, part = self._paper(paper)
            if part is None:
                continue
            if place < before:
                self._wrong.append(f"“{paper.title}” stands in the wrong place")
            before = place
            self._need(f"“{paper.title}”", part, paper_words(paper))
            code = [("code", paper.code_url)] if paper.code_url else []
            self._same("links", [*([(part.links[0])] if paper.url else []), *code], part.links)
            buttons = [(label, f"{verb} {paper.label}") for label, verb in done.items()]
            shown = part.controls or (() if self._screen.one_button else self._below(place))
            self._same("buttons", buttons if shown or not self._screen.is_full else (), shown)
            self._details(paper, part)

    def _details(self, paper: PaperLine, part: Part) -> None:
        """Note what is left out, which it may be where there is no room: a passage, or what is behind its beginning."""
        reasons = [told for told in paper.why[:REASONS] if self._screen.words(told) not in part.text]
        self._left_out += [(told, len(told)) for told in reasons]
        passage, brief = passage_of(paper), self._screen.brief
        whole, begun = opening(passage), opening(passage, brief)
        if self._screen.words(whole) in part.text:
            return
        around = 2 * (1 + len(paper.snippet))  # a line's end, and the marks of what is found
        is_begun = self._screen.words(begun) in part.text
        self._left_out.append((whole, min(len(passage), OPENING) + around - (brief if is_begun else 0)))
        if not is_begun:
            self._not_begun += [(begun, brief + around), *((told, len(told)) for told in reasons)]

    def _paper(self, paper: PaperLine) -> tuple[int, Part | None]:
        title = self._screen.words(paper.title)
        for place, part in enumerate(self._left):
            if part.links[:1] == ((title, paper.url),) if paper.url else part.text.startswith(title):
                del self._left[place]
                return place, part
        self._wrong.append(f"“{title}” with its link is not shown")
        return -1, None

    def _below(self, place: int) -> tuple[Control, ...]:
        """Return the buttons that stand alone right below a paper."""
        if place < len(self._left) and not self._left[place].text:
            return self._left.pop(place).controls
        return ()

    def card(self, card: Card) -> None:
        """A paper in full, over several parts."""
        title = self.exactly(card.line.title)
        if card.line.authors:
            more = len(card.line.authors) - CARD_AUTHORS
            rest = [f"+ {more:,} more"] if more > 0 else []
            self.one("the authors", [*card.line.authors[:CARD_AUTHORS], *rest])
        facts = self.one("the facts", list(card_words(card)))
        if title and facts and card.line.url:
            on = title.text if title.links else card.line.label
            self._same("links", [(on, card.line.url)], (*title.links, *facts.links))
        if card.abstract:
            self.one("the abstract", [card.abstract[:OPENING]])
        if card.links:
            links = self.one("the links", [label for label, _ in card.links])
            self._same("links", card.links, links.links if links else ())

    def digest(self, post: DigestPost) -> None:
        """A digest: its title, its sections, how many papers are left out, and its buttons."""
        self.heading(post.heading)
        for section in post.sections:
            if section.title:
                self.exactly(section.title)
            self.papers(section.papers, IN_A_LIST if self._screen.one_button else IN_A_DIGEST)
        small = [f"and {post.more:,} more"] if post.more > 0 else []
        small += [post.footer] if post.footer else []
        if small:
            self.one("the digest's last line", small)
        self._buttons += post.actions

    def follows(self, lines: Sequence[FollowLine]) -> None:
        """A list of rules, each with its menu, or with its entries in the menus of them all."""
        for line in lines:
            paused = ["paused"] if line.paused else []
            words = [f"{line.number} {line.rule}", f"{text.plural(line.matches_30d, 'paper')} in the last", *paused]
            part = self.one(f"number {line.number}", words)
            toggle = "Resume" if line.paused else "Pause"
            if self._screen.menus:
                self._toggles.append((f"{toggle} {line.number}", f"{toggle.lower()} {line.number}"))
                self._removals.append((f"Remove {line.number}", f"unfollow {line.number}"))
                continue
            menu = [(toggle, f"{toggle.lower()} {line.number}"), ("Remove", f"unfollow {line.number}")]
            self._same("menu", menu, part.controls if part else ())

    def lines(self, lines: Sequence[tuple[str, ...]]) -> None:
        """Lines that stand together, in their order: all that is left of the screen, if there are any."""
        if not lines:
            return
        shown = [line for part in self._left for line in part.text.split("\n")]
        if len(shown) != len(lines):
            self._wrong.append(f"{len(shown)} lines are shown, of {len(lines)}")
        for line, told in zip(shown, lines, strict=False):
            missing = [word for word in map(self._screen.words, told) if word not in line]
            self._wrong += [f"“{word}” is not in the line “{line}”" for word in missing]
        self._left.clear()

    def buttons(self, actions: Sequence[Action]) -> None:
        """All buttons but those of papers and rules: these, in their order, and no other."""
        pressable = [part for part in self._left if part.controls]
        self._left = [part for part in self._left if not part.controls]
        shown = [control for part in pressable for control in part.controls]
        wanted = [(each.label, each.command) for each in (*self._buttons, *actions)]
        in_menus = {control for menu in self._screen.menus for control in menu}
        self._same("buttons", [each for each in wanted if each not in in_menus], shown)

    def exactly(self, words: str) -> Part | None:
        """Return the first part that says just that."""
        said = self._screen.words(words)
        return self._take(f"“{said}”", lambda part: part.text == said and not part.controls)

    def one(self, what: str, words: Sequence[str]) -> Part | None:
        """Return the first part that has all of these words."""
        said = [self._screen.words(word) for word in words]
        return self._take(f"{what} ({', '.join(said)})", lambda part: all(word in part.text for word in said))

    def end(self) -> list[str]:
        """Return what was wrong, at the end of the screen."""
        wanted = [tuple(each) for each in (self._toggles, self._removals) if each]
        self._same("menus", wanted, self._screen.menus)
        self._wrong += [f"besides, it shows “{part.text}” {part.controls or ''}" for part in self._left]
        for missing in (self._left_out, self._not_begun):
            if missing and sum(size for _, size in missing) < self._screen.room:
                self._wrong += [f"though there is room, “{told}” is left out" for told, _ in missing]
        return self._wrong

    def _take(self, what: str, is_it: Callable[[Part], bool]) -> Part | None:
        for part in self._left:
            if is_it(part):
                self._left.remove(part)
                return part
        self._wrong.append(f"{what} is not shown")
        return None

    def _need(self, what: str, part: Part, words: Sequence[str]) -> None:
        missing = [word for word in map(self._screen.words, words) if word not in part.text]
        self._wrong += [f"{what} is shown without “{word}”" for word in missing]

    def _same(self, what: str, wanted: Sequence[object], shown: Sequence[object]) -> None:
        if list(wanted) != list(shown):
            self._wrong.append(f"{what}: shown are {list(shown)}, and not {list(wanted)}")

    def _aloud(self, words: str) -> None:
        if self._screen.words(words)[:OPENING] not in self._screen.aloud:
            self._wrong.append(f"a screen reader does not say “{words}”")
