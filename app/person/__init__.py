"""The parts of a contact's page: who they are, what they may be sent, what they did, and why."""
