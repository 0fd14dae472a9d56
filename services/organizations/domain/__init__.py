"""Rules of organizations: names, placement of folders, the path to a folder, and access."""
