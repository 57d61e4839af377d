"""One file a menu entry."""
