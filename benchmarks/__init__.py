"""Numbers that anyone can measure again: each module is a command."""
