"""Names, passwords, keys and codes: what they have to be, on the device and in the collective."""
