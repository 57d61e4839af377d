"""The vocabulary of the canvas: one file a node type, found by a scan."""
