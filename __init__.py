"""Sojourn: customer journeys, drawn, reviewed, replayed and run."""

__version__ = "0.1.0"
