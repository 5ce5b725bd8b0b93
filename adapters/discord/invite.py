"""The link by which the bot is invited: it asks for exactly the permissions that are used.

https://docs.discord.com/developers/topics/oauth2#bot-authorization-flow
"""

from urllib.parse import urlencode

from adapters.discord.permissions import PERMISSIONS, value_of
from adapters.discord.rest import Rest

SCOPES = ("bot", "applications.commands")
_PAGE = "https://discord.com/oauth2/authorize"
_GUILD, _USER = "0", "1"


async def application_id(rest: Rest) -> str:
    """Return the id of the token's app. Raises RefusedError and `BROKEN`."""
    return str(value_of(await rest.ask("GET", "/applications/@me"))["id"])


def guild_link(app_id: str) -> str:
    """Return the link by which whoever manages a server invites the bot."""
    asked = {
        "client_id": app_id,
        "scope": " ".join(SCOPES),
        "permissions": str(PERMISSIONS.value),
        "integration_type": _GUILD,
    }
    return f"{_PAGE}?{urlencode(asked)}"


def own_link(app_id: str) -> str:
    """Return the link by which somebody has the bot for themselves, wherever they are: it gives no permissions."""
    return f"{_PAGE}?{urlencode({'client_id': app_id, 'scope': SCOPES[1], 'integration_type': _USER})}"
