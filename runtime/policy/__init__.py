"""What may leave, and when."""
