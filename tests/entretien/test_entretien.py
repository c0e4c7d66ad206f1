"""`flask entretien`: what is past its time goes, what is not stays, twice is as once (R15, R19, R36)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from fiches import clock
from fiches.db import transaction
from fiches.entretien import commands
from fiches.entretien.actions import ETAPES, Delais, Etape
from fiches.fusion.models import Fusion, FusionEtat
from fiches.journal.models import EntreeJournal
from fiches.notifications import outbox
from fiches.notifications.models import Message
from fiches.notifications.rules import Genre
from fiches.organisations.models import SessionOuverte, TentativeConnexion
from fiches.rdvs.models import Creneau, Participation, Rdv
from fiches.usagers.models import Retrait, Usager
from fiches.usagers.queries_vie import Limites
from tests.builders import MAINTENANT, a_rdv, a_usager, an_agent, an_organisation

DELAIS = Delais(Limites(30, 730), 730, 90)
LIBELLES = {e.faire.__name__: e.libelle for e in ETAPES}


def run(session: Session, nom: str, le: datetime = MAINTENANT, delais: Delais = DELAIS) -> int:
    """One step; doing it again finds nothing."""
    faire = next(e.faire for e in ETAPES if e.faire.__name__ == nom)
    fait = faire(session, le, delais)
    assert faire(session, le, delais) == 0
    session.expire_all()
    return fait


def test_missing_reminders_are_written_and_nothing_is_announced_R19(session: Session) -> None:
    org = an_organisation(session)
    usager = a_usager(session, org, email="a@exemple.test")
    rdv = a_rdv(session, org, an_agent(session, org), usager, debut=MAINTENANT + timedelta(days=10))
    a_rdv(session, org, an_agent(session, org), usager, debut=MAINTENANT + timedelta(days=50))
    assert run(session, "renew_reminders") == 1
    assert session.execute(select(Message.rdv_id, Message.genre)).all() == [(rdv, "rappel")]


def test_old_sessions_and_attempts_go(session: Session) -> None:
    agent = an_agent(session, an_organisation(session))
    for heures in (1, 15):
        le = MAINTENANT - timedelta(hours=heures)
        session.add(SessionOuverte(cle=str(heures), agent_id=agent, ouverte_le=le))
        session.add(TentativeConnexion(cle=str(heures), le=MAINTENANT - timedelta(minutes=heures + 1)))
    session.commit()
    assert run(session, "forget_sessions") == 2
    assert session.scalars(select(SessionOuverte.cle)).all() == ["1"]
    assert session.scalars(select(TentativeConnexion.cle)).all() == ["1"]


def test_texts_and_addresses_of_old_messages_go_and_the_rows_stay_R36(session: Session) -> None:
    org = an_organisation(session)
    usager = a_usager(session, org)
    rdv = a_rdv(session, org, an_agent(session, org), usager)
    for jours in (91, 89):
        message = _message(org, rdv, usager)
        message.du_le, message.message_id = MAINTENANT - timedelta(days=jours), f"<{jours}@x>"
        message.adresse, message.texte = "a@exemple.test", "Bonjour"
        session.add(message)
    session.commit()
    assert run(session, "forget_texts") == 1
    lignes = session.execute(select(Message.adresse, Message.texte).order_by(Message.du_le)).all()
    assert [tuple(ligne) for ligne in lignes] == [(None, None), ("a@exemple.test", "Bonjour")]


def test_the_record_of_a_merge_goes_with_its_delay_R36(session: Session) -> None:
    org = an_organisation(session)
    a, b, agent = a_usager(session, org), a_usager(session, org), an_agent(session, org)
    for jours in (-1, 1):
        fusion = Fusion(
            survivant_id=a, absorbe_id=b, organisation_id=org, agent_id=agent, le=MAINTENANT, choix={}, bilan={},
            annulable_jusqu_au=MAINTENANT + timedelta(days=jours),
        )  # fmt: skip
        session.add(fusion)
        session.flush()
        session.add(FusionEtat(fusion_id=fusion.id, nom_table="usager", avant=[{"nom": "X"}], apres=[]))
    session.commit()
    assert run(session, "forget_merges") == 1
    assert len(session.scalars(select(Fusion.id)).all()) == 2  # only the ids stay
    assert len(session.scalars(select(FusionEtat.fusion_id)).all()) == 1


def test_rdvs_over_two_years_go_with_all_that_hangs_on_them_R36(session: Session) -> None:
    org = an_organisation(session)
    agent, usager = an_agent(session, org), a_usager(session, org, email="a@exemple.test")
    vieux = a_rdv(session, org, agent, usager, debut=MAINTENANT - timedelta(days=731), issue="vu")
    garde = a_rdv(session, org, agent, usager, debut=MAINTENANT - timedelta(days=729), issue="vu")
    for rdv in (vieux, garde):
        fait = session.get_one(Rdv, rdv)
        session.add(
            Creneau(
                organisation_id=org, agent_id=agent, motif_id=fait.motif_id, debut=fait.debut, duree=30, rdv_id=rdv,
                cree_le=MAINTENANT,
            )
        )  # fmt: skip
        session.add(_message(org, rdv, usager))
    session.commit()
    assert run(session, "forget_rdvs") == 1
    for modele in (Participation, Creneau, Message):
        assert session.scalars(select(modele.rdv_id)).all() == [garde]
    assert session.scalars(select(Rdv.id)).all() == [garde]


def _message(org: int, rdv: int, usager: int) -> Message:
    return Message(
        organisation_id=org, rdv_id=rdv, usager_id=usager, genre="rappel", canal="email", etat="envoye",
        du_le=MAINTENANT, essayer_le=MAINTENANT, message_id=f"<{rdv}@x>", cree_le=MAINTENANT,
    )  # fmt: skip


def test_with_a_delay_of_zero_days_rdvs_and_fiches_are_kept_for_ever(session: Session) -> None:
    org = an_organisation(session)
    vieux = MAINTENANT - timedelta(days=5000)
    usager = a_usager(session, org, cree_le=vieux, modifie_le=vieux)
    a_rdv(session, org, an_agent(session, org), usager, debut=vieux)
    jamais = Delais(Limites(30, 0), 0, 90)
    assert run(session, "forget_rdvs", delais=jamais) == 0
    assert run(session, "announce_erasures", delais=jamais) == 0


def test_only_creneaux_that_are_free_and_past_go(session: Session) -> None:
    org = an_organisation(session)
    agent, usager = an_agent(session, org), a_usager(session, org)
    rdv = a_rdv(session, org, agent, usager, debut=MAINTENANT - timedelta(days=1))
    motif = session.get_one(Rdv, rdv).motif_id
    for jours, pris in ((-1, rdv), (-2, None), (2, None)):
        debut = MAINTENANT + timedelta(days=jours)
        session.add(
            Creneau(
                organisation_id=org, agent_id=agent, motif_id=motif, debut=debut, duree=30, rdv_id=pris,
                cree_le=MAINTENANT,
            )
        )  # fmt: skip
    session.commit()
    assert run(session, "forget_creneaux") == 1
    assert len(session.scalars(select(Creneau.id)).all()) == 2


def test_a_removal_past_its_delay_is_forgotten_unless_the_fiche_waits_to_be_erased_R15(session: Session) -> None:
    org = an_organisation(session)
    suivie, attend = a_usager(session, org), a_usager(session, org, effacement_le=MAINTENANT + timedelta(days=1))
    ailleurs = an_organisation(session)
    for usager in (suivie, attend):
        session.add(
            Retrait(
                usager_id=usager, organisation_id=ailleurs, le=MAINTENANT - timedelta(days=31), raison="creation",
                attache_le=MAINTENANT,
            )
        )  # fmt: skip
    session.commit()
    assert run(session, "forget_removals") == 1
    assert session.scalars(select(Retrait.usager_id)).all() == [attend]


def test_fiches_without_contact_are_announced_and_those_met_since_are_not_R15(session: Session) -> None:
    org = an_organisation(session)
    vieux, recent = MAINTENANT - timedelta(days=731), MAINTENANT - timedelta(days=2)
    oubliee = a_usager(session, org, cree_le=vieux, modifie_le=vieux)
    suivie = a_usager(session, org, cree_le=vieux, modifie_le=recent)
    revue = a_usager(session, org, cree_le=vieux, modifie_le=recent, effacement_le=MAINTENANT + timedelta(days=9))
    assert run(session, "announce_erasures") == 1
    dates = dict(session.execute(select(Usager.id, Usager.effacement_le)).all())
    assert dates == {oubliee: MAINTENANT + timedelta(days=30), suivie: None, revue: None}
    assert session.execute(select(EntreeJournal.usager_id, EntreeJournal.acte)).all() == [(oubliee, "sans_contact")]
    assert run(session, "announce_erasures", MAINTENANT + timedelta(days=1)) == 0  # its date does not move


def test_from_without_contact_to_anonymised_R15(session: Session) -> None:
    org = an_organisation(session)
    vieux = MAINTENANT - timedelta(days=731)
    oubliee = a_usager(session, org, cree_le=vieux, modifie_le=vieux)
    run(session, "announce_erasures")
    assert run(session, "anonymise_all_due", MAINTENANT + timedelta(days=29)) == 0
    assert run(session, "anonymise_all_due", MAINTENANT + timedelta(days=30)) == 1
    assert session.get_one(Usager, oubliee).anonymise_le == MAINTENANT + timedelta(days=30)


# --- the command ------------------------------------------------------------------------------


def test_the_command_prints_one_line_per_step_and_may_be_run_twice(app: Flask, session: Session) -> None:
    org = an_organisation(session)
    usager = a_usager(session, org, email="a@exemple.test")
    rdv = a_rdv(session, org, an_agent(session, org), usager, debut=clock.now() + timedelta(days=10))
    with transaction(session):
        outbox.announce(session, rdv, Genre.NOUVEAU, clock.now())
        session.execute(update(Message).where(Message.genre == "rappel").values(etat="abandon"))
    runner = app.test_cli_runner()
    lignes = [runner.invoke(args=["entretien"]) for _ in range(2)]
    assert [r.exit_code for r in lignes] == [0, 0]
    for nombre, resultat in zip((1, 0), lignes, strict=True):
        assert [ligne.split("\u00a0: ")[0] for ligne in resultat.output.splitlines()] == [e.libelle for e in ETAPES]
        assert f"{LIBELLES['renew_reminders']}\u00a0: {nombre}\n" in resultat.output


@pytest.fixture
def broken_step() -> Iterator[None]:
    """A base that refuses the first step, as a full disk would."""

    def refuse(session: Session, le: datetime, delais: Delais) -> int:
        raise OperationalError("insert", {}, Exception("disk is full"))

    etapes = commands.ETAPES
    commands.ETAPES = (Etape("Première étape", refuse), *etapes)
    yield
    commands.ETAPES = etapes


@pytest.mark.usefixtures("broken_step")
def test_a_step_that_fails_is_said_and_the_others_are_done(app: Flask) -> None:
    resultat = app.test_cli_runner().invoke(args=["entretien"])
    assert resultat.exit_code == 1
    assert "Première étape" in resultat.stderr
    assert f"{ETAPES[-1].libelle}\u00a0: 0" in resultat.stdout


def test_an_argument_is_a_misuse(app: Flask) -> None:
    assert app.test_cli_runner().invoke(args=["entretien", "vite"]).exit_code == 2
