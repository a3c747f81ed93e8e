"""From logs to integers: summaries that merge in any order, and the measures they give."""

from straits.base.compiled import keep_compiled

keep_compiled()
