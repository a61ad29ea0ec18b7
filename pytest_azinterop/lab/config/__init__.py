"""A router's configuration: the grammar of configuration mode, the tree that it edits, and the settings that follow."""
