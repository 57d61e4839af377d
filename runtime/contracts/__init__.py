"""What events should look like, and whether they do."""
