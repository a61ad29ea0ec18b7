"""Azure's side: a client of Azure Resource Manager that only reads, its requests, and their parsers."""
