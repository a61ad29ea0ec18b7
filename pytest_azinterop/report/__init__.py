"""What a reader is told: text only, nothing is decided or collected here."""
