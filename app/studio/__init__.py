"""The studio: where letters made of blocks are written, looked at, checked and tried out."""
