"""The App Home: one's follow list, the next digests, saved papers, and how to start."""

from collections.abc import Sequence
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.asking import Askers, Body, user_of
from adapters.slack.blocks import VIEW_BLOCKS, Block, action_rows, context, divider, header, section
from adapters.slack.buttons import buttons, placed
from adapters.slack.form_parts import DIGEST_BUTTON, FOLLOW_BUTTON
from adapters.slack.paper_blocks import paper_blocks
from adapters.slack.render import follow_blocks, status_blocks
from adapters.slack.text import mrkdwn, with_channels
from bot.reply import Action, Reply

_SAVED = 10

_START = (
    "*How to start*\n"
    '• Add a follow: `/papers follow author:"Yann LeCun"`, or any words, is what I bring to you\n'
    "• Set up a digest: `/papers digest on 09:00` in a channel is its daily digest\n"
    "• `/papers today`, `/papers search diffusion`, `/papers help`\n"
    "All of it works in a direct message to me, too, without the `/papers`."
)


def register(app: AsyncApp, askers: Askers) -> None:
    """Show the home whenever somebody opens it."""

    @app.event("app_home_opened")
    async def opened(body: Body, event: Body, client: AsyncWebClient) -> None:
        if event.get("tab") == "home":
            await publish(askers, client, body)


async def publish(
    askers: Askers, client: AsyncWebClient, body: Body, told: Reply | None = None, channel: str | None = None
) -> None:
    """Show somebody's home as things stand, with what they have just done there, or from there in a channel."""
    own = f"@{user_of(body)}"
    following, saved, status = [await askers.ask(client, body, line, own) for line in ("following", "saved", "status")]
    view = home_view(following, saved, status, placed(_told(told), channel))
    await client.views_publish(user_id=user_of(body), view=view)


def home_view(following: Reply, saved: Reply, status: Reply, told: Sequence[Block] = ()) -> dict[str, Any]:
    """Return the home of somebody, of the answers to `following`, `saved` and `status`."""
    blocks: list[Block] = [*told, *action_rows([FOLLOW_BUTTON, DIGEST_BUTTON, *buttons(_ACTIONS, "s")])]
    blocks.append(header("What you follow"))
    lines = [*(following.follows or ()), *(following.mutes or ())]
    blocks += follow_blocks(lines, "h") or [section("Nothing yet.")]
    blocks += _pages(following)
    blocks.append(header("Digests of this workspace"))
    digests = [line for line in status.status or () if line.what.startswith("digest ")]
    blocks += status_blocks(digests) or [section("None yet. Press *Set up a digest* to choose a channel and a time.")]
    blocks.append(header("Saved papers"))
    blocks += _saved(saved)
    blocks += [divider(), section(_START)]
    return {"type": "home", "blocks": _within(blocks)}


_ACTIONS = (Action("Refresh", "following"),)


def _told(told: Reply | None) -> list[Block]:
    """Return what somebody's last press did, with what can be done about it."""
    notice = with_channels(mrkdwn(told.notice or "", 2_800)) if told else ""
    if told is None or not notice:
        return []
    said = section(notice if told.ok else f"*Not done:* {notice}")
    return [said, *action_rows(buttons(told.actions, "t")), divider()]


def _pages(following: Reply) -> list[Block]:
    pages = following.pages
    if pages is None or pages.pages == 1:
        return []
    return [context([f"the first of {pages.pages} pages; `/papers following page:2` shows the next"])]


def _saved(saved: Reply) -> list[Block]:
    papers = (saved.papers or ())[:_SAVED]
    if not papers:
        return [section("None yet; press Save on a paper's card.")]
    blocks = [block for number, paper in enumerate(papers) for block in paper_blocks(paper, f"k{number}", 0)]
    total = saved.pages.total if saved.pages else len(papers)
    return blocks + ([context([f"and {total - len(papers)} more: `/papers saved`"])] if total > len(papers) else [])


def _within(blocks: Sequence[Block]) -> list[Block]:
    return list(blocks[:VIEW_BLOCKS])
