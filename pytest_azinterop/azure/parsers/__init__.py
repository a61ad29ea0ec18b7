"""One module per group of answers: JSON in, records of `state` out. No I/O."""
