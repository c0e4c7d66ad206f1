"""A search of names and data together, and what must not be found through a datum (R10, R11, R12)."""

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.doublons.index import reindex
from fiches.usagers.models import AncienContact, AncienNom, Rattachement, Usager
from fiches.usagers.recherche import Resultats, Trouve, search_fiches
from tests.builders import MAINTENANT, a_contexte, a_referent, a_usager, an_agent, an_organisation
from tests.client import Client


@pytest.fixture
def contexte(session: Session) -> Contexte:
    org = an_organisation(session)
    return a_contexte(session, an_agent(session, org, email="a@exemple.test"), org)


@pytest.fixture
def claire(session: Session, contexte: Contexte) -> int:
    return a_usager(
        session,
        contexte.organisation_id,
        prenom="Claire",
        nom="Hiriart",
        date_naissance="1976-04-09",
        telephone="+33639980416",
        telephone_2="+33558000000",
        email="claire.hiriart@exemple.fr",
        numero_dossier="VA-000031",
    )


@pytest.fixture
def protegee(session: Session, contexte: Contexte) -> int:
    return a_usager(
        session, contexte.organisation_id, prenom="Ève", nom="Videau", protegee=True, telephone="+33639980416",
        email="eve.videau@exemple.fr", date_naissance="1990-01-02", numero_dossier="P-77",
    )  # fmt: skip


def ids(trouves: tuple[Trouve, ...]) -> list[int]:
    return [t.ligne.usager.id for t in trouves]


def search(session: Session, contexte: Contexte, q: str) -> Resultats:
    return search_fiches(session, contexte, q, MAINTENANT)


# --- the contact of a fiche protégée --------------------------------------------------------


@pytest.mark.parametrize(
    "q", ["0639", "06399804", "39980416", "0639980416", "eve.videau@", "eve.videau@exemple.fr", "evevid"]
)
def test_the_contact_of_a_fiche_protégée_finds_it_for_its_référents_alone_R11(
    session: Session, contexte: Contexte, protegee: int, q: str
) -> None:
    resultats = search(session, contexte, q)
    assert ids(resultats.lignes) + ids(resultats.proches) == []
    a_referent(session, protegee, contexte.agent.id, contexte.organisation_id)
    assert ids(search(session, contexte, q).lignes) == [protegee]


@pytest.mark.parametrize(
    ("juste", "faux"),
    [
        ("Videau 0639", "Videau 0638"),
        ("Videau Ève 0639980416", "Videau Ève 0699999999"),
        ("videau eve.videau@exemple.fr", "videau paul@exemple.fr"),
        ("videau 39980416", "videau 39980417"),
    ],
)
def test_a_right_and_a_wrong_contact_of_a_fiche_protégée_look_the_same_R11(
    session: Session, contexte: Contexte, protegee: int, juste: str, faux: str
) -> None:
    for q in (juste, faux):
        resultats = search(session, contexte, q)
        assert not resultats.lignes
        assert ids(resultats.proches) == [protegee]
    droit, tort = (search(session, contexte, q).proches[0] for q in (juste, faux))
    assert (droit.mention, droit.marques) == (tort.mention, tort.marques)


@pytest.mark.parametrize("q", ["videau", "videau 02/01/1990", "P-77", "1990"])
def test_a_fiche_protégée_is_found_by_name_birth_date_and_dossier_without_its_contact_R11(
    session: Session, contexte: Contexte, protegee: int, q: str
) -> None:
    (trouve,) = search(session, contexte, q).lignes
    assert (trouve.ligne.usager.id, trouve.ligne.lisible) == (protegee, False)


def test_the_former_contact_of_a_fiche_protégée_does_not_find_it_R11(
    session: Session, contexte: Contexte, protegee: int
) -> None:
    session.add(AncienContact(usager_id=protegee, genre="email", valeur="vieux@exemple.fr", cree_le=MAINTENANT))
    reindex(session, [protegee])
    session.commit()
    assert not search(session, contexte, "vieux@exemple.fr").lignes


@pytest.mark.parametrize("where", ["usagers?q=", "fusion/recherche?colonne=a&q="])
def test_neither_search_gives_a_protected_phone_away_over_HTTP_R11(
    app: Flask, session: Session, contexte: Contexte, protegee: int, where: str
) -> None:
    client = app.test_client()
    assert isinstance(client, Client)
    client.sign_in("a@exemple.test")
    assert f'data-usager="{protegee}"' not in client.live(f"/organisations/1/{where}06399804").text
    justes, faux = (
        client.live(f"/organisations/1/{where}Videau+{chiffres}").text.replace(chiffres, "")
        for chiffres in ("0639", "0638")
    )
    assert justes == faux


def test_a_dossier_that_a_rattachement_does_not_open_does_not_find_the_fiche_R10(
    session: Session, contexte: Contexte, claire: int
) -> None:
    autre = an_organisation(session, territoire_id=contexte.territoire_id)
    la_bas = a_contexte(session, an_agent(session, autre), autre)
    session.add(Rattachement(usager_id=claire, organisation_id=autre, raison="orientation", cree_le=MAINTENANT))
    session.commit()
    assert ids(search(session, contexte, "VA-0000").lignes) == [claire]
    assert not search(session, la_bas, "VA-0000").lignes
    assert ids(search(session, la_bas, "0639980416").lignes) == [claire]


# --- names and data together ----------------------------------------------------------------


@pytest.mark.parametrize(
    "q",
    [
        "hiriart 09041976",
        "hiriart 9/4/76",
        "9 avril 1976 hiriart claire",
        "claire 04/1976",
        "hiriart 1976",
        "hiriart 0639980416",
        "hiriart 39980416",
        "0558000000",
        "hiriart VA-000031 1976",
        "clairehiriart",
        "claire.hir",
        "va 000031",
    ],
)
def test_a_fiche_that_meets_everything_is_a_hit_R12(session: Session, contexte: Contexte, claire: int, q: str) -> None:
    assert ids(search(session, contexte, q).lignes) == [claire]


@pytest.mark.parametrize(
    ("q", "mention"),
    [
        ("hiriart 19/02/1950", "autre date de naissance"),
        ("hiriart claire 2010", "autre date de naissance"),
        ("hiriart 0612345678", "autre téléphone"),
        ("hiriart paul@exemple.fr", "autre adresse e-mail"),
        ("hiriart VB-1", "autre numéro de dossier"),
        ("hiriart 1976 0612345678", "autre téléphone"),
        ("0639980416 19/02/1950", "autre date de naissance"),
    ],
)
def test_a_fiche_with_another_datum_is_a_near_one_that_says_what_differs_R12(
    session: Session, contexte: Contexte, claire: int, q: str, mention: str
) -> None:
    resultats = search(session, contexte, q)
    assert (ids(resultats.lignes), ids(resultats.proches)) == ([], [claire])
    assert resultats.partiels
    assert resultats.proches[0].mention == mention
    assert resultats.amorce


@pytest.mark.parametrize("q", ["hiriart 09/04/1967", "hiriart 04/09/1976", "hiriard 09/04/1975", "claire 09/04/1970"])
def test_a_misread_birth_date_still_shows_the_fiche_R12(
    session: Session, contexte: Contexte, claire: int, q: str
) -> None:
    for i in range(5):
        a_usager(session, contexte.organisation_id, prenom="Claire", nom="Hiriart", date_naissance=f"195{i}-01-01")
    assert ids(search(session, contexte, q).proches)[0] == claire


@pytest.mark.parametrize("fin", ["0", "06", "06/", "06/1", "06/11/", "06/11/2", "06/11/200", "063"])
def test_a_date_or_phone_that_is_still_being_typed_does_not_hide_the_fiche_R12(
    session: Session, contexte: Contexte, claire: int, fin: str
) -> None:
    (trouve,) = search(session, contexte, f"hiriart {fin}").lignes
    assert (trouve.ligne.usager.id, trouve.mention) == (claire, None)


def test_a_near_name_with_another_birth_date_is_nobody_R12(session: Session, contexte: Contexte, claire: int) -> None:
    assert search(session, contexte, "hiriard 19/02/1950").proches == ()


@pytest.mark.parametrize(
    ("naissance", "mention"), [(None, "date de naissance inconnue"), ("1976", "date de naissance incomplète")]
)
def test_an_unknown_birth_date_keeps_the_fiche_near_R12(
    session: Session, contexte: Contexte, naissance: str | None, mention: str
) -> None:
    fiche = a_usager(session, contexte.organisation_id, nom="Hiriart", date_naissance=naissance)
    (trouve,) = search(session, contexte, "hiriart 09/04/1976").proches
    assert (trouve.ligne.usager.id, trouve.mention) == (fiche, mention)


def test_once_somebody_meets_everything_those_with_another_datum_are_left_out_R12(
    session: Session, contexte: Contexte, claire: int
) -> None:
    a_usager(session, contexte.organisation_id, prenom="Paul", nom="Hiriart", date_naissance="1950-02-19")
    resultats = search(session, contexte, "hiriart 09/04/1976")
    assert (ids(resultats.lignes), resultats.proches) == ([claire], ())


def test_a_common_name_does_not_push_out_the_birth_date_that_was_typed_R12(
    session: Session, contexte: Contexte, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fiches.usagers.recherche_candidats.CANDIDATS", 5)
    for i in range(20):
        a_usager(session, contexte.organisation_id, prenom="Jean", nom="Martin", date_naissance=f"1950-01-{i + 1:02d}")
        a_usager(session, contexte.organisation_id, prenom="Anne", nom="Petit", date_naissance=f"1976-01-{i + 1:02d}")
    cherche = a_usager(session, contexte.organisation_id, prenom="Jean", nom="Martin", date_naissance="1976-04-09")
    for q in ("martin 1976", "martin jean 09/04/1976"):
        assert ids(search(session, contexte, q).lignes) == [cherche], q
    assert ids(search(session, contexte, "martin 09/04/1967").proches)[0] == cherche


def test_what_matched_is_marked_R12(session: Session, contexte: Contexte, claire: int) -> None:
    marques = search(session, contexte, "hiriart 1976 VA-0 0639").lignes[0].marques
    assert marques["date_naissance"] == [("1976-04-09", True)]
    assert marques["numero_dossier"] == [("VA-000031", True)]
    assert marques["telephone"] == [("06 39 98 04 16", True)]
    par_le_second = search(session, contexte, "0558").lignes[0]
    assert (par_le_second.mention, "telephone" in par_le_second.marques) == ("second téléphone", False)


def test_the_number_of_statements_does_not_depend_on_the_finds_R12(session: Session, contexte: Contexte) -> None:
    def count(q: str) -> int:
        ran: list[str] = []
        engine = session.get_bind()

        def note(_conn: object, _cursor: object, statement: str, *_more: object) -> None:
            ran.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        search(session, contexte, q)
        event.remove(engine, "before_cursor_execute", note)
        session.rollback()
        return len(ran)

    a_usager(session, contexte.organisation_id, prenom="Claire", nom="Hiriart", date_naissance="1976-04-09")
    avant = count("hiriart claire 1976")
    for i in range(30):
        a_usager(
            session, contexte.organisation_id, prenom="Claire", nom="Hiriart", date_naissance=f"1976-05-{i + 1:02d}"
        )
    assert count("hiriart claire 1976") == avant


# --- merged fiches --------------------------------------------------------------------------


@pytest.fixture
def survivante(session: Session, contexte: Contexte, claire: int) -> int:
    absorbee = a_usager(session, contexte.organisation_id, prenom="José", nom="Robin")
    session.get_one(Usager, absorbee).fusionne_vers_id = claire
    session.add_all(
        [
            AncienNom(usager_id=claire, prenom="José", nom="Robin", origine="fusion", cree_le=MAINTENANT),
            AncienContact(usager_id=claire, genre="email", valeur="jose@exemple.fr", cree_le=MAINTENANT),
            AncienContact(usager_id=claire, genre="telephone", valeur="+33477000000", cree_le=MAINTENANT),
        ]
    )
    reindex(session, [claire, absorbee])
    session.commit()
    return absorbee


@pytest.mark.parametrize(
    ("q", "mention"),
    [
        ("#{absorbee}", "fusionnée avec la fiche n°\u00a0{absorbee}"),
        ("robin jose", "réunit aussi la fiche de José Robin"),
        ("jose@exemple.fr", "ancienne adresse e-mail"),
        ("hiriart jose@", "ancienne adresse e-mail"),
        ("0477000000", "ancien téléphone"),
    ],
)
def test_what_a_merge_gave_up_finds_the_survivor_and_says_so_F25_F21(
    session: Session, contexte: Contexte, claire: int, survivante: int, q: str, mention: str
) -> None:
    (trouve,) = search(session, contexte, q.format(absorbee=survivante)).lignes
    assert trouve.ligne.usager.id == claire
    assert trouve.mention == mention.format(absorbee=survivante)


# --- the page -------------------------------------------------------------------------------


@pytest.fixture
def client_in(app: Flask, contexte: Contexte) -> Client:
    client = app.test_client()
    assert isinstance(client, Client)
    client.sign_in("a@exemple.test")
    return client


@pytest.mark.parametrize("q", ["h", "z", "7", " é "])
def test_one_letter_leaves_the_list_as_it_is_R12(client_in: Client, claire: int, q: str) -> None:
    page = client_in.live(f"/organisations/1/usagers?q={q}").text
    assert f'data-usager="{claire}"' in page
    assert "Aucune fiche" not in page


def test_a_near_find_is_marked_and_creation_offered_R12(client_in: Client, claire: int) -> None:
    page = client_in.live("/organisations/1/usagers?q=hiriart+19/02/1950").text
    assert "Proches, mais pas tout ce que vous avez tapé" in page
    assert "Créer un usager avec ce que vous avez tapé" in page
    assert 'name="date_naissance" value="19/02/1950"' in page


def test_the_matched_birth_date_and_dossier_are_marked_on_the_page_R12(client_in: Client, claire: int) -> None:
    page = client_in.live("/organisations/1/usagers?q=1976+VA-000031").text
    assert "<mark>09/04/1976</mark>" in page
    assert "<mark>VA-000031</mark>" in page
    page = client_in.live("/organisations/1/usagers?q=claire.hiriart@").text
    assert "<mark>claire.hiriart@exemple.fr</mark>" in page


def test_a_find_of_another_service_is_attached_from_the_list_with_a_reason_R10(
    client_in: Client, session: Session, contexte: Contexte
) -> None:
    autre = an_organisation(session, territoire_id=contexte.territoire_id)
    la_bas = a_usager(session, autre, prenom="Nour", nom="Elbaz", date_naissance="1980-05-06")
    page = client_in.live("/organisations/1/usagers?q=elbaz+nour+06/05/1980").text
    assert f"/organisations/1/usagers/{la_bas}/rattacher" in page
    assert page.count('name="raison"') == 3
    reponse = client_in.post(f"/organisations/1/usagers/{la_bas}/rattacher", data={"raison": "orientation"})
    assert reponse.status_code == 303


# --- from the search to a new fiche -----------------------------------------------------------


@pytest.mark.parametrize(
    ("q", "nom", "prenom"),
    [
        ("Clara de la Tour 03/1990", "de la Tour", "Clara"),
        ("de la Tour Clara", "de la Tour", "Clara"),
        ("Claire Zyxou", "Zyxou", "Claire"),
        ("Zyxou Claire", "Zyxou", "Claire"),
        ("Tim Hiriart", "Hiriart", "Tim"),
        ("Tim ZYXOU", "ZYXOU", "Tim"),
        ("Zyxou Tim", "Zyxou", "Tim"),
        ("Zyxou", "Zyxou", None),
    ],
)
def test_the_nom_and_the_prénom_are_told_apart_for_the_new_fiche_R12(
    session: Session, contexte: Contexte, claire: int, q: str, nom: str, prenom: str | None
) -> None:
    amorce = search(session, contexte, q).amorce
    assert (amorce["nom"], amorce.get("prenom")) == (nom, prenom)


def test_a_partial_date_and_the_dossier_go_into_the_new_fiche_R12(session: Session, contexte: Contexte) -> None:
    amorce = search(session, contexte, "Zyxou Tim 03/1990 VA-000099").amorce
    assert amorce == {"nom": "Zyxou", "prenom": "Tim", "date_naissance": "03/1990", "numero_dossier": "VA-000099"}
