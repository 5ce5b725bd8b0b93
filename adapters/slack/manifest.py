"""The app's manifest: what Slack must know of us, made from the command table, with the scopes that are used.

https://docs.slack.dev/reference/app-manifest
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from adapters.slack.blocks import Block
from adapters.slack.commands import COMMAND
from adapters.slack.serve import EVENTS
from adapters.slack.shortcuts import SHORTCUTS
from bot.commands.table import Command

NAME = "Paper Round"
_CREATE = "https://api.slack.com/apps?new_app=1&manifest_json="

SCOPES: dict[str, str] = {
    "app_mentions:read": "to answer when it is mentioned",
    "channels:read": "to see who is in a public channel, before it lets them change its digest",
    "chat:write": "to post digests and answers",
    "commands": "for the slash command and the shortcuts",
    "groups:read": "to see who is in a private channel, before it lets them change its digest",
    "im:history": "to answer direct messages",
    "im:write": "to write to whoever set a digest up, when it stops working",
    "links:read": "to see links to papers",
    "links:write": "to show what they lead to",
    "users:read": "for people's time zones, and to know guests and bots",
}
"""Every scope that is used, and what for."""

HISTORY_SCOPES: dict[str, str] = {
    "channels:history": "to see whether a digest has arrived, when Slack did not say",
    "groups:history": "the same in private channels",
}
"""Asked for on request alone: many companies give no bot the history of their channels."""

EVENTS_USED = ("app_home_opened", "app_mention", "app_uninstalled", "link_shared", "message.im", "tokens_revoked")
LINKS = ("arxiv.org", "doi.org", "huggingface.co")


def manifest(
    table: Mapping[str, Command],
    public_url: str = "",
    with_history: bool = False,
    redirect: bool = False,
    socket_mode: bool = False,
) -> Block:
    """Return the manifest: by Socket Mode, or over HTTP where the service has a public address, unless told not to.

    `redirect` is for an app that many workspaces install.
    """
    url = f"{public_url.rstrip('/')}{EVENTS}" if public_url and not socket_mode else ""
    where = {"request_url": url} if url else {}
    scopes = [*SCOPES, *(HISTORY_SCOPES if with_history else ())]
    oauth: dict[str, Any] = {"scopes": {"bot": sorted(scopes)}}
    if redirect and public_url:
        oauth["redirect_urls"] = [f"{public_url.rstrip('/')}/slack/oauth_redirect"]
    return {
        "display_information": {"name": NAME, "description": "The daily research papers in your team's chat"},
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "papers", "always_online": True},
            "shortcuts": [dict(shortcut) for shortcut in SHORTCUTS],
            "slash_commands": [
                {
                    "command": COMMAND,
                    "description": "The daily papers, search, follows and digests",
                    "usage_hint": usage_hint(table),
                    "should_escape": True,  # so that a team mate arrives by id: by:@ana as by:<@U123|ana>
                    **({"url": url} if url else {}),
                }
            ],
            "unfurl_domains": list(LINKS),
        },
        "oauth_config": oauth,
        "settings": {
            "event_subscriptions": {"bot_events": list(EVENTS_USED), **where},
            "interactivity": {"is_enabled": True, **where, **({"message_menu_options_url": url} if url else {})},
            "org_deploy_enabled": True,
            "socket_mode_enabled": not url,
            "token_rotation_enabled": False,
        },
    }


def usage_hint(table: Mapping[str, Command]) -> str:
    """Return what Slack shows while somebody types the command: its verbs, as many as fit into 100 characters."""
    verbs = list(dict.fromkeys(name.split(" ")[0] for name in table))
    hint = ""
    for verb in verbs:
        longer = f"{hint} | {verb}" if hint else verb
        if len(longer) > 97:
            return f"{hint} …"
        hint = longer
    return hint


def creation_link(made: Block) -> str:
    """Return the address at which Slack makes an app from the manifest, all of it filled in."""
    return _CREATE + quote(json.dumps(made, separators=(",", ":")))
