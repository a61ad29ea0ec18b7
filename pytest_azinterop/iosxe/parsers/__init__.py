"""One module per kind of answer: text in, `state` records out."""
