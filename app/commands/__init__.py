"""The commands, one room each; what is heavy is imported only by the command that needs it."""
