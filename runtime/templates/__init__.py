"""Letters to start from and blocks that letters share: kept, versioned, copied, brought in and tried."""
