"""What mail servers send back: bounces, complaints and automatic answers, read from their bytes."""
