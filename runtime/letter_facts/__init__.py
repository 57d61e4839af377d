"""What letters may ask for beyond the contact and the event: one provider a file, found by a scan."""
