"""From the facts that checks need to the smallest set of commands, and from their answers to records."""
