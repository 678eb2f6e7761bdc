"""Expected failures. Each is one sentence that says what is wrong and what to do."""


class MirrorError(Exception):
    """A failure that a person is told in its own words, never as a traceback."""


class ConfigError(MirrorError):
    """A setting is unknown, of the wrong type, or impossible."""


class Unavailable(MirrorError):
    """A device cannot be reached now; it is tried again with a growing, jittered pause."""


class Refused(MirrorError):
    """A device or a setting says no (wrong key, wrong address); parked until something changes."""
