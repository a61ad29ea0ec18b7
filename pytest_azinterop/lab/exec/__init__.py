"""Exec mode: what an operator types, from the login banner to the pager."""
