"""What the browser lets a page do."""

from __future__ import annotations

from typing import Final

CONTENT_POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    )
)
