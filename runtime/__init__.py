"""Everything that happens without a browser."""
