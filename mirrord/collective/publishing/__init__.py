"""Group figures: worked out once for each window of a space, so that nobody can be picked out.

What a figure shows, and what it cannot hide, stands in docs/groups.md.
"""

from mirrord.collective.publishing.publisher import TOPIC, Publisher

__all__ = ["TOPIC", "Publisher"]
