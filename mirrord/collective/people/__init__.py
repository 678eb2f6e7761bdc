"""Accounts of the collective: registering, signing in, tokens, erasing."""
