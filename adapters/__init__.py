"""Everything that touches the outside: chat platforms, the terminal, paper sources, the command line."""
