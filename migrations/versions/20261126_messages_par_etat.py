"""An index for each tab of the messages page"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_message_organisation_id_etat_id", "message", ["organisation_id", "etat", "id"])


def downgrade() -> None:
    op.drop_index("ix_message_organisation_id_etat_id", "message")
