"""`paperround bench`: how fast, beside a yardstick from the same run."""
