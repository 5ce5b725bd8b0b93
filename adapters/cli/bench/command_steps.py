"""What is typed to measure each command: lines over many papers, days, people and words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

from bot.commands.dispatch import TABLE
from bot.paper import Paper

FOLLOWS = (
    'author:"Yann LeCun"', 'author:"Kaiming He"', 'author:"Juanzi Li"', 'author:"Yi Zhang"', 'author:"Chelsea Finn"',
    "diffusion", "reasoning -video", "agents -medical", '"language model"', "title:survey", "has:code min:20",
    "video generation", "robot", "benchmark min:10", "reinforcement learning", "speech", "retrieval -title:survey",
    "by:akhaliq", "source:huggingface min:50", "multimodal", "by:@me",
)  # fmt: skip
_TOPICS = (
    "alignment", "attention", "audio", "code", "compression", "context", "data", "distillation", "editing",
    "evaluation", "graph", "image", "instruction", "long", "math", "memory", "motion", "preference", "tokens",
    "transformer",
)  # fmt: skip
_SEARCHES = (
    "model", "diffusion", '"language model"', "reasoning -video", 'author:"Yann LeCun"', 'author:"Yan LeCun"',
    'author:"Y. Zhang"', "author:Zhang", "title:survey", "has:code min:20", "model sort:new", "model sort:votes",
    "learning page:3", "after:90d video", "before:2025-06-01 agents", "the", "vision language action", "by:akhaliq",
    "nosuchword", 'author:"Juanzi Lee"',
)  # fmt: skip
_DIGEST = "digest on 09:00 Europe/Berlin top 10"


@dataclass(frozen=True, slots=True)
class Step:
    """A line that is timed, those typed before and after it that are not, and the channel they are typed in."""

    typed: str
    before: str = ""
    after: str = ""
    channel: str = "#papers"


Play = Callable[[Sequence[Paper]], list[Step]]
"""Makes steps out of some papers of the store; they are repeated until there are enough."""


def all_plays() -> dict[str, Play]:
    """Return the play of each command of the table, by the name of its row; where none is written, its example."""
    examples = {name: _lines(command.example or name) for name, command in TABLE.items()}
    return examples | PLAYS


def steps_of(play: Play, papers: Sequence[Paper], count: int) -> list[Step]:
    """Return so many steps of a play."""
    return list(islice(cycle(play(papers)), count))


def _lines(*lines: str, before: str = "", after: str = "") -> Play:
    return lambda _: [Step(line, before, after) for line in lines]


def _of_each(verb: str, before: str = "", after: str = "") -> Play:
    """A command about each paper, and what is done about the same one before and after."""
    return lambda papers: [_step(paper.id.value, verb, before, after) for paper in papers]


def _of_topics(verb: str, before: str = "", after: str = "") -> Play:
    """A command about each topic, and what is done about the same one before and after."""
    return lambda _: [_step(topic, verb, before, after) for topic in _TOPICS]


def _step(what: str, verb: str, before: str, after: str) -> Step:
    return Step(f"{verb} {what}", f"{before} {what}" if before else "", f"{after} {what}" if after else "")


def _days(papers: Sequence[Paper]) -> list[Step]:
    days = sorted({paper.announced for paper in papers if paper.announced}, reverse=True)
    return [Step(form) for day in days for form in (f"{day}", f"day {day:%G-W%V}", f"{day:%Y-%m}", f"{day} page:1")]


def _show(papers: Sequence[Paper]) -> list[Step]:
    forms = (form for paper in papers for form in (paper.id.value, paper.title, paper.url))
    return [Step(f"show {form}") for form in forms]


def _digest_on(_: Sequence[Paper]) -> list[Step]:
    """Set up anew with and without a rule; each is removed, so that the next one is the first again."""
    rules = ("", " -- diffusion", ' -- author:"Yann LeCun"', " -- reasoning -video")
    whatever_it_meets = _DIGEST.replace("digest on", "digest on exactly")
    return [Step(f"{whatever_it_meets}{rule}", after="digest off", channel="#new") for rule in rules]


def _digest_now(_: Sequence[Paper]) -> list[Step]:
    """Asking first and posting in turn, each in a channel that has had nothing yet."""
    return [Step(("digest now", "digest now yes")[turn % 2], _DIGEST, channel=f"#now-{turn}") for turn in range(20)]


_NUMBERS = range(1, 16)

PLAYS: dict[str, Play] = {
    "day": _days,
    "month": _lines("month", "month page:2", "month page:3"),
    "trending": _lines("trending", "trending month", "trending day"),
    "show": _show,
    "search": _lines(*(f"search {typed}" for typed in _SEARCHES)),
    "follow": _of_topics("follow", after="unfollow"),
    "unfollow": _of_topics("unfollow", before="follow"),
    "following": _lines("following", "following page:2"),
    "mute": _of_topics("mute", after="unfollow"),
    "pause": _lines(*(f"pause {number}" for number in _NUMBERS)),
    "resume": _lines(*(f"resume {number}" for number in _NUMBERS)),
    "mine": _lines("mine", "mine 30d", "mine 30d page:2", "mine 90d"),
    "why": _of_each("why"),
    "digest on": _digest_on,
    "digest now": _digest_now,
    "digest show": _lines("digest show"),
    "digest preview": _lines("digest preview"),
    "digest pause": _lines("digest pause 7 days", after="digest resume"),
    "digest resume": _lines("digest resume", before="digest pause"),
    "digest off": _lines("digest off", after=_DIGEST),
    "vote": _of_each("vote", after="unvote"),
    "unvote": _of_each("unvote", before="vote"),
    "save": _of_each("save", after="unsave"),
    "unsave": _of_each("unsave", before="save"),
    "help": _lines("help", "help follow", "help digest"),
    # What has to ask or to guess: the slowest ways of a command, each for itself.
    'follow author:"Yan LeCun"': _lines('follow author:"Yan LeCun"'),
    'follow author:"Y. Zhang"': _lines('follow author:"Y. Zhang"'),
    'search author:"Yan LeCun"': _lines('search author:"Yan LeCun"'),
}
SET_UP = (*(f"follow {rule}" for rule in FOLLOWS), _DIGEST)
"""What somebody has typed before the measuring begins; votes and saves come on top."""
