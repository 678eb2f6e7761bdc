"""Secrets in files that their owner alone can read."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote, quote_plus

from mirrord.errors import ConfigError

_known: set[str] = set()


def read_secret(path: str | Path) -> str:
    """Return the stripped text of a secret file.

    Raises ConfigError if it is missing, empty, no text, or readable by group or others.
    """
    own = Path(path).expanduser()
    path = handed_over(own)
    try:
        mode = path.stat().st_mode
        if mode & 0o077 and path is own:  # a copy's bits show who else may: the service alone
            raise ConfigError(f"{path} can be read by others: run `chmod 600 {path}`")
        text = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise ConfigError(f"{path} does not exist: put the secret into it, mode 600") from None
    except PermissionError:
        raise ConfigError(_closed(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise ConfigError(f"{path} cannot be read: {reason}") from None
    if not text:
        raise ConfigError(f"{path} is empty: put the secret into it")
    _remember(text)
    return text


def _closed(path: Path) -> str:
    if os.environ.get("CREDENTIALS_DIRECTORY"):
        return f"{path} is closed to the service: move it into /etc/mirrord/secrets, name it there"
    return f"{path} cannot be read: it belongs to another user"


def handed_over(path: Path) -> Path:
    """Return the copy of a file that systemd has handed to the service, if only root may read it.

    `LoadCredential=secrets:/etc/mirrord/secrets` makes a copy of each file there.
    """
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    copy = Path(folder) / f"secrets_{path.name}"
    return copy if folder and not os.access(path, os.R_OK) and copy.is_file() else path


def write_secret(path: str | Path, secret: str) -> None:
    """Write a secret so that at no moment another user could read it, replacing what was there."""
    _remember(secret.strip())
    path = Path(path).expanduser()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        if os.geteuid() == 0:  # what root writes into the service's folder is for the service
            owner = path.parent.stat()
            os.fchown(descriptor, owner.st_uid, owner.st_gid)
        file.write(secret + "\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def keep_secret(secret: str) -> None:
    """Have a secret blotted out, as those are that are read from files."""
    _remember(secret.strip())


def redacted(text: str) -> str:
    """Return `text` with every secret that this process has read or written blotted out.

    For words that come from elsewhere: the error of an HTTP library names the whole address, and
    a Hue bridge has its key in there.
    """
    # The longest first: of a secret within another, the rest would stay.
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, "•••")
    return text


def _remember(secret: str) -> None:
    # Blotting out a very short secret would only show where in a text it occurs.
    if len(secret) >= 4:
        _known.update({secret, quote(secret, safe=""), quote_plus(secret)})
