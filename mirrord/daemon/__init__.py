"""The composition root: what the mirror is made of, what runs, what stops (the same, mirrored).

`start` has the order. The rest is what it puts together: the `files` that outlive the mirror, the
`mirror` and what people want of it (`steering`), its `page`, and its `work`.
"""

from mirrord.daemon.mirror import Daemon
from mirrord.daemon.start import run, started

__all__ = ["Daemon", "run", "started"]
