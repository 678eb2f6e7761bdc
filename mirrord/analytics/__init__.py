"""What readings add up to: pure functions over aggregates, shared with the cloud."""
