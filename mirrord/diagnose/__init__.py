"""One file for whoever is asked for help: how the mirror is built and how it fares, no more."""
