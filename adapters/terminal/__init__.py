"""The terminal as a chat platform: rendering, prompt, messenger."""
