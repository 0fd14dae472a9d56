"""Every SQL statement of licensing, by what it is about."""
