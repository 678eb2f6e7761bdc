"""Sessions by their end: what is old is found without a scan."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward."""
    op.create_index("sessions_by_end", "sessions", ["last_activity"])
