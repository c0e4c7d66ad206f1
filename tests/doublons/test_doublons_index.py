"""The index: never behind the fiches, the same as a rebuild, and asked without scanning a table."""

import random
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from fiches.db import transaction
from fiches.demo.population import make_population
from fiches.doublons.index import candidates, check_index, rebuild, reindex, words_near, words_with_prefix
from fiches.doublons.models import CleExacte, Mot, Paire, Suppression
from fiches.doublons.queries import find_doublons, read_personne
from fiches.doublons.score import Personne
from fiches.usagers.models import AncienContact, AncienNom, Usager
from tests.builders import a_contexte, a_usager, an_agent, an_organisation
from tests.plans import scans

LE = datetime(2026, 11, 24, tzinfo=UTC)
COLONNES = ("prenom", "nom", "nom_naissance", "date_naissance", "email", "telephone", "telephone_2")


def rows(session: Session) -> dict[str, set[tuple[object, ...]]]:
    """What the index holds, by words rather than by their ids."""
    texte = dict(session.execute(select(Mot.id, Mot.texte)).all())
    return {
        "mots": {tuple(r) for r in session.execute(select(Mot.territoire_id, Mot.texte, Mot.frequence))},
        "suppressions": {(s.territoire_id, s.cle, texte[s.mot_id]) for s in session.scalars(select(Suppression))},
        "paires": {
            (p.territoire_id, texte[p.mot_nom_id], texte[p.mot_prenom_id], p.usager_id)
            for p in session.scalars(select(Paire))
        },
        "cles": {(c.territoire_id, c.genre, c.cle, c.usager_id) for c in session.scalars(select(CleExacte))},
    }


def populate(session: Session, organisation: int, taille: int) -> list[int]:
    """Fiches of the imaginary population, indexed one by one as the application does."""
    return [
        a_usager(session, organisation, **{nom: getattr(e, nom) for nom in COLONNES})
        for e in make_population(taille, 3, date(2026, 11, 24))
    ]


def test_the_index_kept_along_the_way_equals_a_rebuild(session: Session) -> None:
    organisation = an_organisation(session)
    ids = populate(session, organisation, 60)
    hasard = random.Random(5)
    for usager_id in hasard.sample(ids, 30):
        autre = read_personne(session, hasard.choice(ids))
        with transaction(session):
            match hasard.randrange(4):
                case 0:
                    change = {"nom": autre.nom, "prenom": autre.prenom}
                case 1:
                    change = {"nom": "Zzyzx", "date_naissance": None, "email": None}
                case 2:
                    change = {"fusionne_vers_id": ids[0] if usager_id != ids[0] else ids[1]}
                case _:
                    change = {}
                    session.add(AncienNom(usager_id=usager_id, nom="Autrefois", origine="changement", cree_le=LE))
            if change:
                session.execute(update(Usager).where(Usager.id == usager_id).values(**change))
            reindex(session, [usager_id])
    assert check_index(session) == []
    before = rows(session)
    with transaction(session):
        rebuild(session)
    assert rows(session) == before


def test_reindexing_in_bulk_equals_reindexing_one_by_one(session: Session) -> None:
    organisation = an_organisation(session)
    ids = populate(session, organisation, 40)
    before = rows(session)
    with transaction(session):
        session.execute(text("delete from paire"))
        session.execute(text("delete from cle_exacte"))
        session.execute(text("delete from suppression"))
        session.execute(text("delete from mot"))
        reindex(session, ids)
    assert rows(session) == before


def test_check_index_tells_what_is_wrong_without_a_name(session: Session) -> None:
    organisation = an_organisation(session)
    usager_id = a_usager(session, organisation, prenom="Jeanne", nom="Caratini")
    with transaction(session):
        session.execute(update(Usager).where(Usager.id == usager_id).values(nom="Wojcik"))
    assert check_index(session)
    assert not any("aratini" in e.lower() or "wojcik" in e.lower() for e in check_index(session))


def test_no_name_outlives_its_fiche(session: Session) -> None:
    organisation = an_organisation(session)
    usager_id = a_usager(session, organisation, prenom="Zénobie", nom="Caratini")
    with transaction(session):
        session.execute(update(Usager).where(Usager.id == usager_id).values(prenom="Anne", nom="Petit"))
        reindex(session, [usager_id])
    assert set(session.scalars(select(Mot.texte))) == {"", "anne", "petit"}
    assert not session.scalars(select(Suppression).where(Suppression.cle.like("%caratin%"))).all()


def test_a_merged_fiche_leaves_the_index_F25(session: Session) -> None:
    organisation = an_organisation(session)
    garde, autre = a_usager(session, organisation), a_usager(session, organisation, nom="Wojcik")
    with transaction(session):
        session.execute(update(Usager).where(Usager.id == autre).values(fusionne_vers_id=garde))
        reindex(session, [garde, autre])
    assert set(session.scalars(select(Paire.usager_id))) == {garde}
    assert check_index(session) == []


def test_former_names_are_found_unless_they_are_hidden_and_former_contacts_always_R14_F21(session: Session) -> None:
    organisation = an_organisation(session)
    territoire = session.scalar(select(Usager.territoire_id)) or 1
    usager_id = a_usager(session, organisation, prenom="Anne", nom="Petit")
    with transaction(session):
        for nom, affiche in (("Wojcik", True), ("Caratini", False)):
            session.add(
                AncienNom(
                    usager_id=usager_id, prenom="Anne", nom=nom, affiche=affiche, origine="changement", cree_le=LE
                )
            )
        session.add(AncienContact(usager_id=usager_id, genre="email", valeur="avant@exemple.fr", cree_le=LE))
        reindex(session, [usager_id])
    territoire = session.get_one(Usager, usager_id).territoire_id
    assert candidates(session, territoire, Personne("Anne", "Wojcik")) == {usager_id}
    assert candidates(session, territoire, Personne("Anne", "Caratini")) == set()
    assert candidates(session, territoire, Personne(emails=("avant@exemple.fr",))) == {usager_id}


FOUND = {
    "as written": Personne("Emmanuel", "Lécuyer-Delatour"),
    "nickname": Personne("Manu", "Lecuyer Delatour"),
    "one typo in each": Personne("Emmanuzl", "Lecuyzr-Delatour"),
    "two typos": Personne("Emmanuel", "Lecuyer-Delotaur"),
    "sound-alike": Personne("Aimanuel", "Lécuillé-Delatour"),
    "part of the surname": Personne("Emmanuel", "Delatour"),
    "exchanged": Personne("Lécuyer-Delatour", "Emmanuel"),
    "birth date": Personne(naissance="1984-03-12"),
    "birth date with day and month swapped": Personne(naissance="1984-12-03"),
    "e-mail": Personne(emails=("e.lecuyer+caf@exemple.fr",)),
    "phone": Personne(telephones=("+33611223344",)),
}


@pytest.mark.parametrize("saisie", FOUND.values(), ids=FOUND)
def test_R6_candidates_are_found_however_they_are_typed(session: Session, saisie: Personne) -> None:
    organisation = an_organisation(session)
    usager_id = a_usager(
        session, organisation, prenom="Emmanuel", nom="Lécuyer-Delatour", date_naissance="1984-03-12",
        email="e.lecuyer@exemple.fr", telephone="+33611223344",
    )  # fmt: skip
    a_usager(session, organisation, prenom="Luc", nom="Petit", date_naissance="1950-01-02")
    territoire = session.get_one(Usager, usager_id).territoire_id
    assert candidates(session, territoire, saisie) == {usager_id}
    assert candidates(session, territoire, saisie, sauf=usager_id) == set()
    assert candidates(session, territoire + 1, saisie) == set()


def test_words_near_are_ordered_by_likeness_and_words_with_a_prefix_by_use(session: Session) -> None:
    organisation = an_organisation(session)
    for nom in ("Martin", "Martin", "Marten", "Martinez", "Martinez", "Martinez", "Dubois"):
        usager_id = a_usager(session, organisation, prenom="Luc", nom=nom)
    territoire = session.get_one(Usager, usager_id).territoire_id
    assert [m.texte for m in words_near(session, territoire, "martin")][:2] == ["martin", "marten"]
    assert [(m.texte, m.frequence) for m in words_with_prefix(session, territoire, "mart", 2)] == [
        ("martinez", 3),
        ("martin", 2),
    ]
    assert words_with_prefix(session, territoire, "", 5) == []


@pytest.mark.sqlite
def test_no_table_is_scanned_to_find_duplicates(session: Session) -> None:
    organisation = an_organisation(session)
    ids = populate(session, organisation, 30)
    contexte = a_contexte(session, an_agent(session, organisation), organisation)
    saisie = read_personne(session, ids[3])
    with scans(session) as found:
        find_doublons(session, contexte, saisie, sauf=ids[3])
        candidates(session, contexte.territoire_id, saisie)
        words_near(session, contexte.territoire_id, "martin")
        words_with_prefix(session, contexte.territoire_id, "mar", 10)
    assert found == []
    with scans(session) as found, transaction(session):
        reindex(session, ids[:3])
    assert found == []
