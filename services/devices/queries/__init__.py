"""Every SQL statement of the devices service."""
