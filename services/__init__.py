"""The four services; each owns its database and knows the others only through contracts."""
