"""The `paperround` command and the composition root, which alone knows every wing."""
