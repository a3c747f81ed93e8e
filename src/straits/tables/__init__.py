"""The columns that flow between stages."""
