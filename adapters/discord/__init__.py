"""Discord: slash commands, buttons, channel digests, through discord.py."""
