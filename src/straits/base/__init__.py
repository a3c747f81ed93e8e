"""Words that every floor may use: errors, the clock, names, hashing, provenance."""
