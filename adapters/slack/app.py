"""The bot in Slack: bolt's app, with all that it listens to."""

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from adapters.slack import (
    clicks,
    commands,
    digest_form,
    failures,
    follow_form,
    home,
    lifecycle,
    shortcuts,
    suggestions,
    unfurl,
)
from adapters.slack.asking import Askers
from adapters.slack.context import Slack
from adapters.slack.names import team_key
from adapters.slack.quiet import LIBRARY, keep_quiet
from adapters.slack.responding import Responding


def make_app(slack: Slack) -> AsyncApp:
    """Return the app. Requests over HTTP are checked by `adapters.slack.serve` before it sees them."""
    keep_quiet()

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult | None:
        found = await slack.tokens.of(team_key(enterprise_id, team_id))
        if found is None:
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_token=found.token,
            bot_user_id=found.bot_user,
            bot_id=found.bot_id,
        )

    app = AsyncApp(
        logger=LIBRARY,
        client=slack.client,
        authorize=authorize,  # type: ignore[arg-type]  # None means: not installed, which bolt knows, but does not type
        signing_secret=slack.settings.signing_secret or None,
        request_verification_enabled=False,
    )
    app.use(Responding(slack.client.session))
    askers = Askers(slack)
    commands.register(app, slack, askers)
    clicks.register(app, slack, askers)
    home.register(app, askers)
    follow_form.register(app, slack, askers)
    digest_form.register(app, slack, askers)
    suggestions.register(app, slack, askers)
    shortcuts.register(app, slack, askers)
    unfurl.register(app, slack)
    lifecycle.register(app, slack)
    failures.register(app)
    return app
