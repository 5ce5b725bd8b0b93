"""What people type: the command table, and a file of handlers per group of commands."""
