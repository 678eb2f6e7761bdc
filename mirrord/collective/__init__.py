"""The collective: many mirrors' aggregates, in one API and one living picture."""
