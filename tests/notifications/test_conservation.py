"""Addresses and texts of messages are kept for a time only (R36)."""

from datetime import timedelta

from sqlalchemy.orm import Session

from fiches.notifications.conservation import erase_texts
from tests.notifications.poste import Poste


def test_address_and_text_go_and_the_fact_stays_R36(session: Session) -> None:
    poste = Poste(session)
    poste.make(poste.person())
    poste.send()
    assert erase_texts(session, poste.le) == 0
    assert erase_texts(session, poste.le + timedelta(seconds=1)) == 2
    assert erase_texts(session, poste.le + timedelta(seconds=1)) == 0
    for message in poste.rows():
        assert (message.adresse, message.sujet, message.texte) == (None, None, None)
        assert (message.etat, message.envoye_le) == ("envoye", poste.le)


def test_what_may_still_be_repeated_keeps_its_words(session: Session) -> None:
    from fiches.notifications.envoi import Bilan, claim
    from fiches.notifications.rules import Canal

    poste = Poste(session)
    poste.by_mail(1)
    assert claim(session, poste.expediteur, list(Canal), poste.le, Bilan()) is not None
    assert erase_texts(session, poste.le + timedelta(days=1)) == 0
    assert poste.row().texte is not None
