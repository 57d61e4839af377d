"""What is remembered: tables and their queries."""
