"""Pages, tables and files, all drawn from a frozen comparison; nothing is computed here."""
