"""The report page (placeholder signature, replaced below)."""
def render_page(comparison):
    return "<!doctype html><title>x</title>"
