"""Many runs: tasks, their store, their executors."""
