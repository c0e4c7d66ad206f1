"""Who is shown to whom: the live warnings as one agent sees them (R4, R5, R9, R10, R11)."""

from typing import Any

import pytest
from sqlalchemy import event, update
from sqlalchemy.orm import Session

from fiches.acces.rules import Contexte
from fiches.doublons.queries import (
    Recherche,
    UsagerInconnu,
    find_doublons,
    read_personne,
    strong_raised_by_change,
)
from fiches.doublons.score import Niveau, Personne
from fiches.usagers.models import AncienContact, Usager
from tests.builders import (
    MAINTENANT,
    a_contexte,
    a_lien,
    a_referent,
    a_territoire,
    a_usager,
    an_agent,
    an_organisation,
)

ZENOBIE: dict[str, Any] = {"prenom": "Zénobie", "nom": "Caratini", "date_naissance": "1984-03-14"}
SAISIE = Personne("Zénobie", "Caratini", naissance="1984-03-14")


@pytest.fixture
def territoire(session: Session) -> int:
    return a_territoire(session)


@pytest.fixture
def ici(session: Session, territoire: int) -> int:
    return an_organisation(session, "MDS Ici", territoire)


@pytest.fixture
def ailleurs(session: Session, territoire: int) -> int:
    return an_organisation(session, "PMI Ailleurs", territoire)


@pytest.fixture
def contexte(session: Session, ici: int) -> Contexte:
    return a_contexte(session, an_agent(session, ici), ici)


def shown(recherche: Recherche) -> list[int]:
    return [c.usager_id for c in recherche.candidats]


def test_R5_a_candidate_carries_its_niveau_its_reasons_and_masked_contact(
    session: Session, contexte: Contexte, ici: int
) -> None:
    usager_id = a_usager(session, ici, **ZENOBIE, telephone="+33611223344", email="zenobie@exemple.fr")
    (candidat,) = find_doublons(session, contexte, SAISIE).candidats
    assert (candidat.usager_id, candidat.niveau, candidat.fort) == (usager_id, Niveau.CERTAIN, True)
    assert [m.texte for m in candidat.motifs] == ["mêmes prénom et nom", "même date de naissance"]
    assert (candidat.telephone_masque, candidat.email_masque) == ("06 •• •• •• 44", "z•••@exemple.fr")


def test_R5_at_most_five_are_shown_the_best_first(session: Session, contexte: Contexte, ici: int) -> None:
    for jour in range(10, 18):
        a_usager(session, ici, prenom="Zénobie", nom="Caratini", date_naissance=f"19{jour + 40}-07-{jour}")
    meilleur = a_usager(session, ici, **ZENOBIE)
    recherche = find_doublons(session, contexte, SAISIE)
    assert len(recherche.candidats) == 5
    assert shown(recherche)[0] == meilleur
    scores = [c.score for c in recherche.candidats]
    assert scores == sorted(scores, reverse=True)


def test_R5_the_question_asks_for_what_would_settle_it(session: Session, contexte: Contexte, ici: int) -> None:
    a_usager(session, ici, prenom="Jeanne", nom="Dupont", date_naissance="1984-03-14")
    assert find_doublons(session, contexte, Personne("Jeanne", "Dupont")).question == "Demandez la date de naissance"


def test_nothing_typed_finds_nothing(session: Session, contexte: Contexte, ici: int) -> None:
    a_usager(session, ici, prenom=None, nom="Caratini", prenom_pas_encore_donne=True)
    assert find_doublons(session, contexte, Personne()) == Recherche()
    assert find_doublons(session, contexte, Personne("X", "INCONNU")) == Recherche()


def test_a_merged_fiche_is_never_shown_F25(session: Session, contexte: Contexte, ici: int) -> None:
    garde, autre = a_usager(session, ici, nom="Petit"), a_usager(session, ici, **ZENOBIE)
    session.execute(update(Usager).where(Usager.id == autre).values(fusionne_vers_id=garde))
    session.commit()
    assert shown(find_doublons(session, contexte, SAISIE)) == []


def test_the_fiche_itself_is_left_out_and_its_links_count_against_R7(
    session: Session, contexte: Contexte, ici: int
) -> None:
    mere, fille = a_usager(session, ici, **ZENOBIE), a_usager(session, ici, **ZENOBIE)
    a_lien(session, proche=fille, responsable=mere)
    recherche = find_doublons(session, contexte, read_personne(session, fille), sauf=fille)
    assert shown(recherche) == [mere]
    assert recherche.candidats[0].niveau is not Niveau.CERTAIN
    assert "liés comme proche et responsable" in [m.texte for m in recherche.candidats[0].motifs]


def test_a_professional_link_is_no_household_evidence_R26(session: Session, contexte: Contexte, ici: int) -> None:
    tuteur, majeur = a_usager(session, ici, **ZENOBIE), a_usager(session, ici, **ZENOBIE)
    sans_lien = find_doublons(session, contexte, read_personne(session, majeur), sauf=majeur).candidats
    a_lien(session, proche=majeur, responsable=tuteur, nature="professionnel")
    assert find_doublons(session, contexte, read_personne(session, majeur), sauf=majeur).candidats == sans_lien
    assert sans_lien[0].niveau is Niveau.CERTAIN


def test_R9_only_a_candidate_that_the_change_raises_is_asked_about(
    session: Session, contexte: Contexte, ici: int
) -> None:
    jeanne: dict[str, Any] = {"prenom": "Jeanne", "nom": "Dupont"}
    jumelle = a_usager(session, ici, **jeanne, date_naissance="1984-03-14")
    autre = a_usager(session, ici, **jeanne, telephone="+33611223344")
    usager_id = a_usager(session, ici, **jeanne, date_naissance="1984-03-14")
    modifiee = Personne("Jeanne", "Dupont", naissance="1984-03-14", telephones=("+33611223344",))
    avant = find_doublons(session, contexte, read_personne(session, usager_id), sauf=usager_id)
    apres = find_doublons(session, contexte, modifiee, sauf=usager_id)
    assert (avant.forts, apres.forts) == ({jumelle}, {jumelle, autre})
    assert [c.usager_id for c in strong_raised_by_change(avant, apres)] == [autre]


def test_read_personne_refuses_an_unknown_fiche(session: Session) -> None:
    with pytest.raises(UsagerInconnu):
        read_personne(session, 404)


# --- R10 --------------------------------------------------------------------------------


def test_R10_an_outside_fiche_shows_no_more_than_it_may(session: Session, contexte: Contexte, ailleurs: int) -> None:
    a_usager(session, ailleurs, **ZENOBIE, telephone="+33611223344", email="zenobie@exemple.fr")
    (candidat,) = find_doublons(session, contexte, SAISIE).candidats
    assert candidat.externe
    assert candidat.niveau is Niveau.PROBABLE
    assert (candidat.prenom, candidat.nom, candidat.annee) == ("Zénobie", "Caratini", "1984")
    assert candidat.organisation == "PMI Ailleurs"
    assert candidat.motifs == ()
    assert candidat.date_naissance is None
    assert candidat.telephone_masque == candidat.email_masque == ""


def test_R10_a_discreet_service_is_not_named(session: Session, contexte: Contexte, territoire: int) -> None:
    discret = an_organisation(session, "Centre VIH", territoire, discrete=True)
    a_usager(session, discret, **ZENOBIE)
    assert find_doublons(session, contexte, SAISIE).candidats[0].organisation == "un autre service"


HIDDEN = {
    "names alone": Personne("Zénobie", "Caratini"),
    "date alone": Personne(naissance="1984-03-14"),
    "phone alone": Personne(telephones=("+33611223344",)),
    "another person's names": Personne("Luc", "Petit", naissance="1984-03-14", telephones=("+33611223344",)),
    "a date that is only close": Personne("Zénobie", "Caratini", naissance="1984-03-15"),
    "a date known in part": Personne("Zénobie", "Caratini", naissance="1984"),
    "a phone that is only close": Personne("Zénobie", "Caratini", telephones=("+33611223345",)),
}


@pytest.mark.parametrize("saisie", HIDDEN.values(), ids=HIDDEN)
def test_R10_less_than_close_names_and_one_exact_datum_shows_nothing_outside(
    session: Session, contexte: Contexte, ailleurs: int, saisie: Personne
) -> None:
    a_usager(session, ailleurs, **ZENOBIE, telephone="+33611223344")
    recherche = find_doublons(session, contexte, saisie)
    assert shown(recherche) == []
    assert recherche.question is None
    assert recherche.partages == ()


@pytest.mark.parametrize(
    "saisie",
    [
        Personne("Zenobie", "Carattini", naissance="1984-03-14"),
        Personne("Zénobie", "Caratini", telephones=("+33611223344",)),
        Personne("Caratini", "Zénobie", emails=("zenobie@exemple.fr",)),
    ],
    ids=["date", "phone", "e-mail"],
)
def test_R10_close_names_and_one_exact_datum_show_it(
    session: Session, contexte: Contexte, ailleurs: int, saisie: Personne
) -> None:
    usager_id = a_usager(session, ailleurs, **ZENOBIE, telephone="+33611223344", email="zenobie@exemple.fr")
    assert shown(find_doublons(session, contexte, saisie)) == [usager_id]


def test_R10_another_territoire_is_never_shown(session: Session, contexte: Contexte) -> None:
    a_usager(session, an_organisation(session), **ZENOBIE, telephone="+33611223344")
    saisie = Personne("Zénobie", "Caratini", naissance="1984-03-14", telephones=("+33611223344",))
    assert find_doublons(session, contexte, saisie) == Recherche()


def test_a_fiche_of_another_of_the_agents_organisations_is_shown_in_full(
    session: Session, ici: int, ailleurs: int
) -> None:
    contexte = a_contexte(session, an_agent(session, ici, ailleurs), ici)
    a_usager(session, ailleurs, **ZENOBIE)
    (candidat,) = find_doublons(session, contexte, SAISIE).candidats
    assert not candidat.externe
    assert candidat.motifs


# --- R11 --------------------------------------------------------------------------------


def test_R11_a_protected_fiche_is_shown_to_its_referents_alone(session: Session, contexte: Contexte, ici: int) -> None:
    usager_id = a_usager(session, ici, **ZENOBIE, protegee=True, telephone="+33611223344")
    saisie = Personne("Zénobie", "Caratini", naissance="1984-03-14", telephones=("+33611223344",))
    recherche = find_doublons(session, contexte, saisie)
    assert (shown(recherche), recherche.partages, recherche.question) == ([], (), None)
    assert recherche.forts == frozenset()
    assert recherche.proteges_touches == (usager_id,)
    a_referent(session, usager_id, contexte.agent.id, ici)
    recherche = find_doublons(session, contexte, saisie)
    assert shown(recherche) == [usager_id]
    assert recherche.proteges_touches == ()


def test_R11_a_protected_fiche_of_another_service_alerts_and_shows_nothing(
    session: Session, contexte: Contexte, ailleurs: int
) -> None:
    usager_id = a_usager(session, ailleurs, **ZENOBIE, protegee=True)
    recherche = find_doublons(session, contexte, SAISIE)
    assert (shown(recherche), recherche.proteges_touches) == ([], (usager_id,))


# --- R4 ---------------------------------------------------------------------------------


def shared(session: Session, contexte: Contexte, saisie: Personne, sauf: int | None = None) -> list[str]:
    partages = find_doublons(session, contexte, saisie, sauf=sauf).partages
    return [p.texte.replace("\u00a0", " ") for p in partages]


def test_R4_a_contact_that_visible_fiches_have_is_told_with_their_names(
    session: Session, contexte: Contexte, ici: int, ailleurs: int
) -> None:
    anne = a_usager(session, ici, prenom="Anne", nom="Petit", telephone="+33611223344", email="foyer@exemple.fr")
    a_usager(session, ici, prenom="Luc", nom="Petit", telephone_2="+33611223344")
    a_usager(session, ailleurs, prenom="Paul", nom="Petit", telephone="+33611223344")
    saisie = Personne("Zoé", "Wojcik", telephones=("+33611223344",), emails=("foyer@exemple.fr",))
    assert shared(session, contexte, saisie) == [
        "Cet e-mail est déjà sur la fiche d’Anne Petit.",
        "Ce téléphone est déjà sur les fiches d’Anne Petit et de Luc Petit.",
    ]
    assert shared(session, contexte, saisie, sauf=anne) == ["Ce téléphone est déjà sur la fiche de Luc Petit."]


@pytest.mark.parametrize("nombre", [5, 55])
def test_R4_many_fiches_are_counted_and_a_service_is_suspected(
    session: Session, contexte: Contexte, ici: int, nombre: int
) -> None:
    for i in range(nombre):
        a_usager(session, ici, prenom="Anne", nom=f"Petit{'abcdefghij'[i % 10] * (i // 10 + 1)}", email="a@exemple.fr")
    assert shared(session, contexte, Personne(emails=("a@exemple.fr",))) == [
        f"Cet e-mail est déjà sur {nombre} fiches : adresse d’un service ?"
    ]


def test_R4_a_family_of_many_is_counted_and_no_service_is_suspected(
    session: Session, contexte: Contexte, ici: int
) -> None:
    for prenom in ("Anne", "Luc", "Zoé", "Paul", "Léa", "Tom"):
        a_usager(session, ici, prenom=prenom, nom="Petit", email="a@exemple.fr")
    assert shared(session, contexte, Personne(emails=("a@exemple.fr",))) == ["Cet e-mail est déjà sur 6 fiches."]


@pytest.mark.parametrize(
    "saisie",
    [Personne(telephones=("+33739989992",)), Personne(emails=("zoe+caf@exemple.fr",))],
    ids=["06 or 07", "tag"],
)
def test_R4_only_the_very_same_contact_is_said_to_be_on_a_fiche(
    session: Session, contexte: Contexte, ici: int, saisie: Personne
) -> None:
    a_usager(session, ici, telephone="+33639989992", email="zoe@exemple.fr")
    assert shared(session, contexte, saisie) == []


def test_R4_of_many_fiches_under_one_key_only_those_with_the_very_number_count(
    session: Session, contexte: Contexte, ici: int
) -> None:
    for i in range(45):
        a_usager(session, ici, prenom="Anne", nom=f"Petit{chr(97 + i % 26)}{i // 26}", telephone="+33639989992")
    a_usager(session, ici, prenom="Luc", nom="Grand", telephone="+33739989992")
    assert shared(session, contexte, Personne(telephones=("+33739989992",))) in (
        ["Ce téléphone est déjà sur 1 fiche."],
        ["Ce téléphone est déjà sur la fiche de Luc Grand."],
    )


def test_R7_a_persons_own_duplicates_do_not_weaken_the_contact_they_share(
    session: Session, contexte: Contexte, ici: int
) -> None:
    for prenom, nom in (("Thierry", "Dupuich"), ("Thiery", "Dupuich"), ("Dupuich", "Thierry"), ("THIERRY", "Dupuiche")):
        a_usager(session, ici, prenom=prenom, nom=nom, email="td@exemple.fr")
    saisie = Personne("Thierry", "Dupuich", emails=("td@exemple.fr",))
    motifs = {m.texte for c in find_doublons(session, contexte, saisie).candidats for m in c.motifs}
    assert "même adresse e-mail" in motifs
    assert not [m for m in motifs if "mais" in m]


def test_R11_fiches_that_the_agent_may_not_read_are_not_counted_under_a_contact(
    session: Session, contexte: Contexte, ici: int, ailleurs: int
) -> None:
    a_usager(session, ici, prenom="Anne", nom="Petit", email="a@exemple.fr")
    a_usager(session, ici, prenom="Luc", nom="Grand", email="a@exemple.fr", protegee=True)
    for nom in ("Durieux", "Wojcik", "Caratini"):
        a_usager(session, ailleurs, nom=nom, email="a@exemple.fr")
    saisie = Personne("Anne", "Petit", emails=("a@exemple.fr",))
    (candidat,) = find_doublons(session, contexte, saisie).candidats
    assert "même adresse e-mail" in [m.texte for m in candidat.motifs]


# --- the fiche being modified ------------------------------------------------------------


def test_R11_former_contacts_of_a_protected_fiche_count_for_its_referents_alone(
    session: Session, contexte: Contexte, ici: int
) -> None:
    protegee = a_usager(session, ici, **ZENOBIE, protegee=True)
    session.add(AncienContact(usager_id=protegee, genre="email", valeur="z@exemple.fr", cree_le=MAINTENANT))
    session.commit()
    a_usager(session, ici, prenom="Zénobie", nom="Caratini", email="z@exemple.fr")
    saisie = Personne("Zénobie", "Caratini")

    def said() -> bool:
        (candidat,) = find_doublons(session, contexte, saisie, sauf=protegee).candidats
        return "même adresse e-mail" in [m.texte for m in candidat.motifs]

    assert not said()
    a_referent(session, protegee, contexte.agent.id, ici)
    assert said()


def test_F25_a_merged_fiche_being_modified_stands_for_its_survivor(
    session: Session, contexte: Contexte, ici: int
) -> None:
    garde, absorbe = a_usager(session, ici, **ZENOBIE), a_usager(session, ici, **ZENOBIE)
    session.execute(update(Usager).where(Usager.id == absorbe).values(fusionne_vers_id=garde))
    session.commit()
    assert shown(find_doublons(session, contexte, SAISIE, sauf=absorbe)) == []


def test_R5_of_two_candidates_alike_but_for_the_date_the_equal_one_comes_first(
    session: Session, contexte: Contexte, ici: int
) -> None:
    autres: dict[str, Any] = {"prenom": "Thierry", "nom": "Dupuich", "email": "td@exemple.fr"}
    inverse = a_usager(session, ici, **autres, date_naissance="1982-07-10")
    egale = a_usager(session, ici, **autres, date_naissance="1982-10-07")
    for emails in ((), ("td@exemple.fr",)):
        saisie = Personne("Thiery", "Dupuiche", naissance="1982-10-07", emails=emails)
        assert shown(find_doublons(session, contexte, saisie)) == [egale, inverse]


# --- cost -------------------------------------------------------------------------------


def test_the_number_of_statements_does_not_depend_on_the_candidates(
    session: Session, contexte: Contexte, ici: int, ailleurs: int
) -> None:
    statements: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *args: statements.append(args[2]))
    counts = []
    for nombre in (1, 12):
        for _ in range(nombre):
            a_usager(session, ici, **ZENOBIE)
            a_usager(session, ailleurs, **ZENOBIE)
        statements.clear()
        find_doublons(session, contexte, SAISIE)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 8
