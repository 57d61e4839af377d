"""Data that goes out and comes in by itself: exports, connections, webhooks."""
