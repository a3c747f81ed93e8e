"""Pages, tables and files: everything is drawn from a frozen comparison; nothing is computed here."""
