"""What is counted of letters: who looked, what they did then, and what came of it."""
