"""Mail of identity: its texts in three languages, and the ways it goes out."""
