"""From logs to integers: summaries that merge in any order, and the measures they give."""
