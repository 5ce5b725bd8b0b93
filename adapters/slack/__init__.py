"""Slack: the commands, the digests and the home of the bot in a workspace."""
