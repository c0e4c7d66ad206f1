"""Messages in the demonstration base: an RDV to come of somebody with an e-mail is announced."""

from pathlib import Path

from sqlalchemy import create_engine, select, update
from sqlalchemy.orm import Session

from fiches import clock, models
from fiches.db import prepare_engine, transaction
from fiches.notifications import outbox
from fiches.notifications.models import AdresseAVerifier, Message
from fiches.notifications.rules import Genre
from fiches.rdvs.models import Motif, Participation, Rdv
from fiches.usagers.models import Usager


def announce_rdv(instance: Path) -> tuple[int, str]:
    """Announce an RDV of MDS Chalon; whose it is, and their e-mail."""
    assert models.Base.metadata.tables
    engine = create_engine(f"sqlite:///{instance / 'fiches.db'}")
    prepare_engine(engine)
    with Session(engine) as session:
        rdv_id, usager_id, email = (
            session.execute(
                select(Rdv.id, Usager.id, Usager.email)
                .join(Participation, Participation.rdv_id == Rdv.id)
                .join(Usager, Usager.id == Participation.usager_id)
                .join(Motif, Motif.id == Rdv.motif_id)
                .where(
                    Rdv.organisation_id == 1, Rdv.debut > clock.now(), Rdv.annule_le.is_(None),
                    Motif.visibilite == "visible_notifie", Usager.email.is_not(None), Usager.notif_email,
                    Usager.protegee.is_(False), Usager.fusionne_vers_id.is_(None),
                )
                .order_by(Rdv.id)
            )
            .first()
            or (0, 0, "")
        )  # fmt: skip
        with transaction(session):
            outbox.announce(session, rdv_id, Genre.NOUVEAU, clock.now())
    engine.dispose()
    return usager_id, str(email)


def mark_failed(instance: Path, usager_id: int) -> None:
    """As if the e-mail had been refused for good, and somebody else had answered « pas moi »."""
    engine = create_engine(f"sqlite:///{instance / 'fiches.db'}")
    prepare_engine(engine)
    with Session(engine) as session, transaction(session):
        usager = session.get_one(Usager, usager_id)
        a_lui = (Message.usager_id == usager_id, Message.canal == "email", Message.genre == "nouveau")
        session.execute(update(Message).where(*a_lui).values(etat="echec", raison="adresse_refusee"))
        session.add(AdresseAVerifier(usager_id=usager_id, canal="email", adresse=str(usager.email), le=clock.now()))
    engine.dispose()
