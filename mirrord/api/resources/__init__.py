"""The resources, by what they are about, and the table of all."""
