"""The settings in force: the file, what was changed on the page, and what becomes of both."""
