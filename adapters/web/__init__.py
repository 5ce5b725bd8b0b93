"""The service's web side."""
