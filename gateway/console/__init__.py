"""Pages for people who use the suite: one module per area, templates/<area>/<page>.html."""
