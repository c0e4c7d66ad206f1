"""RDVs, créneaux, messages, and the life of a fiche"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Columns are added in place: a table made anew would lose AUTOINCREMENT, and SQLite refuses to drop
# one that others point at. A named CHECK beside its column is the same text for both engines.
CHECKED = (
    ("organisation", "rappel_jours", "INTEGER NOT NULL DEFAULT 2", "rappel_jours between 0 and 30"),
    ("organisation", "rappel_heure", "INTEGER NOT NULL DEFAULT 9", "rappel_heure between 0 and 23"),
    ("rdv", "annule_raison", "VARCHAR(10)", "annule_raison in ('service', 'deces')"),
    ("participation", "excuse_par", "VARCHAR(10)", "excuse_par in ('usager', 'deces')"),
)
INSTANT = sa.DateTime(timezone=True)
FAUX = sa.false()
PLAIN = (  # table, column, type, what the rows that are there take (None: nothing)
    ("organisation", "telephone", sa.String(20), None),
    ("motif", "duree", sa.Integer(), "30"),
    ("motif", "dire_motif", sa.Boolean(), FAUX),
    ("motif", "dire_service", sa.Boolean(), FAUX),
    ("motif", "archive_le", INSTANT, None),
    ("lieu", "archive_le", INSTANT, None),
    ("rdv", "ne_pas_prevenir", sa.Boolean(), FAUX),
    ("rdv", "version", sa.Integer(), "1"),
    ("rdv", "evenement", sa.Integer(), "0"),
    ("lien_proche", "confirme_le", sa.Date(), None),
    ("usager", "decede_le", INSTANT, None),
    ("usager", "effacement_le", INSTANT, None),
    ("usager", "anonymise_le", INSTANT, None),
)


def upgrade() -> None:
    for table, nom, genre, defaut in PLAIN:
        op.add_column(table, sa.Column(nom, genre, nullable=defaut is None, server_default=defaut))
    for table, nom, texte, condition in CHECKED:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {nom} {texte} CONSTRAINT ck_{table}_{nom} CHECK ({condition})")
    op.create_index("ix_usager_effacement_le", "usager", ["effacement_le"])
    op.drop_index("ix_rdv_agent_id", "rdv")
    op.create_index("ix_rdv_agent_id_debut", "rdv", ["agent_id", "debut"])
    _create_retrait_and_creneau()
    _create_messages()


def downgrade() -> None:
    for table in ("adresse_a_verifier", "message", "retrait", "creneau"):
        op.drop_table(table)
    op.drop_index("ix_rdv_agent_id_debut", "rdv")
    op.create_index("ix_rdv_agent_id", "rdv", ["agent_id"])
    op.drop_index("ix_usager_effacement_le", "usager")
    for table, nom, *_ in (*CHECKED, *PLAIN):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {nom}")


def _pointer(table: str, colonne: str, cible: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([colonne], [f"{cible}.id"], name=op.f(f"fk_{table}_{colonne}_{cible}"))


def _create_retrait_and_creneau() -> None:
    op.create_table(
        "retrait",
        sa.Column("usager_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer()),
        sa.Column("le", INSTANT, nullable=False),
        sa.Column("raison", sa.String(20), nullable=False),
        sa.Column("attache_le", INSTANT, nullable=False),
        _pointer("retrait", "agent_id", "agent"),
        _pointer("retrait", "organisation_id", "organisation"),
        _pointer("retrait", "usager_id", "usager"),
        sa.PrimaryKeyConstraint("usager_id", "organisation_id", name=op.f("pk_retrait")),
    )
    op.create_table(
        "creneau",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("motif_id", sa.Integer(), nullable=False),
        sa.Column("lieu_id", sa.Integer()),
        sa.Column("debut", INSTANT, nullable=False),
        sa.Column("duree", sa.Integer(), nullable=False),
        sa.Column("rdv_id", sa.Integer()),
        sa.Column("cree_le", INSTANT, nullable=False),
        sa.CheckConstraint("duree > 0", name=op.f("ck_creneau_duree")),
        _pointer("creneau", "agent_id", "agent"),
        _pointer("creneau", "lieu_id", "lieu"),
        _pointer("creneau", "motif_id", "motif"),
        _pointer("creneau", "organisation_id", "organisation"),
        _pointer("creneau", "rdv_id", "rdv"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creneau")),
        sa.UniqueConstraint("agent_id", "debut", name=op.f("uq_creneau_agent_id_debut")),
        sa.UniqueConstraint("rdv_id", name=op.f("uq_creneau_rdv_id")),
    )
    op.create_index("ix_creneau_organisation_id_debut", "creneau", ["organisation_id", "debut"])


def _create_messages() -> None:
    op.create_table(
        "adresse_a_verifier",
        sa.Column("usager_id", sa.Integer(), nullable=False),
        sa.Column("canal", sa.String(5), nullable=False),
        sa.Column("adresse", sa.String(320), nullable=False),
        sa.Column("le", INSTANT, nullable=False),
        sa.CheckConstraint("canal in ('email', 'sms')", name=op.f("ck_adresse_a_verifier_canal")),
        _pointer("adresse_a_verifier", "usager_id", "usager"),
        sa.PrimaryKeyConstraint("usager_id", "canal", "adresse", name=op.f("pk_adresse_a_verifier")),
    )
    etats = "etat in ('attente', 'envoi', 'envoye', 'abandon', 'echec')"
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("rdv_id", sa.Integer()),
        sa.Column("usager_id", sa.Integer(), nullable=False),
        sa.Column("genre", sa.String(10), nullable=False),
        sa.Column("canal", sa.String(5), nullable=False),
        sa.Column("evenement", sa.Integer(), nullable=False),
        sa.Column("etat", sa.String(10), nullable=False),
        sa.Column("raison", sa.String(30)),
        sa.Column("du_le", INSTANT, nullable=False),
        sa.Column("essayer_le", INSTANT, nullable=False),
        sa.Column("tentatives", sa.Integer(), nullable=False),
        sa.Column("reclame_par", sa.String(40)),
        sa.Column("reclame_le", INSTANT),
        sa.Column("message_id", sa.String(120), nullable=False),
        sa.Column("transport", sa.String(10)),
        sa.Column("adresse", sa.String(320)),
        sa.Column("sujet", sa.String(200)),
        sa.Column("texte", sa.Text()),
        sa.Column("cree_le", INSTANT, nullable=False),
        sa.Column("envoye_le", INSTANT),
        sa.CheckConstraint("canal in ('email', 'sms')", name=op.f("ck_message_canal")),
        sa.CheckConstraint(etats, name=op.f("ck_message_etat")),
        sa.CheckConstraint("genre in ('nouveau', 'deplace', 'annule', 'rappel')", name=op.f("ck_message_genre")),
        _pointer("message", "organisation_id", "organisation"),
        _pointer("message", "rdv_id", "rdv"),
        _pointer("message", "usager_id", "usager"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("message_id", name=op.f("uq_message_message_id")),
    )
    op.create_index("ix_message_etat_essayer_le", "message", ["etat", "essayer_le"])
    op.create_index("ix_message_organisation_id_id", "message", ["organisation_id", "id"])
    op.create_index("ix_message_rdv_id", "message", ["rdv_id"])
    op.create_index("ix_message_usager_id", "message", ["usager_id"])
    attente = sa.text("etat = 'attente'")
    op.create_index(
        "uq_message_en_attente",
        "message",
        ["rdv_id", "usager_id", "genre", "canal", "evenement"],
        unique=True,
        sqlite_where=attente,
        postgresql_where=attente,
    )
