"""From stores of summaries to tables: paired differences, incidence, words."""
