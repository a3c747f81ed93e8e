"""What people declare: baselines, policies, uncertainty sets, and the scenario they make."""
