"""What is worked out about people: orders, categories, engagement, life cycle."""
