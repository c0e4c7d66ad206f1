"""F19: every table that points at an usager says what a merge and its undo do to it."""

from sqlalchemy import MetaData, Table

from fiches.fusion.tables import REGLES
from fiches.models import Base


def foreign_keys(metadata: MetaData) -> set[tuple[str, str]]:
    return {
        (table.name, colonne.name)
        for table in metadata.tables.values()
        for colonne in table.columns
        for cle in colonne.foreign_keys
        if cle.target_fullname == "usager.id"
    }


def test_F19_every_foreign_key_to_usager_has_a_merge_rule_and_an_undo_rule():
    declares = {(regle.nom, colonne) for regle in REGLES for colonne in regle.colonnes}
    manquent = foreign_keys(Base.metadata) - declares
    assert not manquent, f"add a Regle for {sorted(manquent)} in fiches/fusion/tables.py"
    assert not declares - foreign_keys(Base.metadata), "fiches/fusion/tables.py names columns that do not exist"
    assert all(regle.fusion and regle.annulation for regle in REGLES)


def test_F19_the_check_would_notice_a_new_table():
    from sqlalchemy import Column, ForeignKey, Integer

    metadata = MetaData()
    Table("usager", metadata, Column("id", Integer, primary_key=True))
    Table("etiquette", metadata, Column("usager_id", ForeignKey("usager.id"), primary_key=True))
    assert foreign_keys(metadata) == {("etiquette", "usager_id")}


def test_F19_a_table_that_is_written_is_recorded_for_the_undo():
    assert all(regle.recopiee for regle in REGLES if regle.etape is not None)
