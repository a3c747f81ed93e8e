"""From scenario to plan: the arrays that an engine runs."""
