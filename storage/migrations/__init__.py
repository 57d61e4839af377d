"""How the tables grew, one revision after another."""
