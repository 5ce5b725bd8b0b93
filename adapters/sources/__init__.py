"""Where papers come from: one file a source, one fetcher for all."""
