"""The journey drawn in the browser."""
