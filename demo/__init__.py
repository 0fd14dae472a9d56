"""The suite on one machine with sample data: simulated cameras, captured mail, one real errand."""
