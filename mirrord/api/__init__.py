"""The REST resources and their socket, written against `Records` and mounted by any app."""
