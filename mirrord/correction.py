"""Corrections: what people say was not right, as a bounded shift of the probabilities. Pure."""
