"""The core: what a paper, a follow and a digest are, and what happens to them. Knows no platform, no SQL, no HTTP."""
