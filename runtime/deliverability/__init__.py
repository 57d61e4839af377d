"""What decides whether letters reach the inbox: keys that sign them, and what DNS says of the sender."""
