"""What a configuration says that will hurt later: pure functions over a whole running-configuration."""
