"""The pages of the collective: the living picture, accounts, spaces, administration."""
