"""When a message is tried again, and when it is a failure (R20)."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from fiches.notifications.rules import Canal, Etat, Raison
from fiches.notifications.tentatives import (
    ESSAIS,
    LIBELLES_PANNE,
    Incident,
    Panne,
    after_incident,
    delay,
    explain_code,
    pause,
)
from tests.builders import MAINTENANT

LOIN = MAINTENANT + timedelta(days=10)
PLUS_TARD = Incident(Panne.PLUS_TARD, certain=True)


def test_the_delay_doubles_from_a_minute_to_an_hour() -> None:
    minutes = [delay(n) / timedelta(minutes=1) for n in range(1, 10)]
    assert minutes == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert delay(10_000) == timedelta(hours=1)


def test_a_channel_pauses_from_five_seconds_to_five_minutes() -> None:
    assert [pause(n) for n in (1, 2, 3, 50)] == [5, 10, 20, 300]


def test_eight_attempts_and_no_more() -> None:
    assert after_incident(PLUS_TARD, ESSAIS - 1, MAINTENANT, LOIN, MAINTENANT).etat is Etat.ATTENTE
    assert after_incident(PLUS_TARD, ESSAIS, MAINTENANT, LOIN, MAINTENANT).etat is Etat.ECHEC


def test_a_final_refusal_is_not_tried_again() -> None:
    final = Incident(Panne.ADRESSE_REFUSEE, certain=True, definitif=True)
    assert after_incident(final, 1, MAINTENANT, LOIN, MAINTENANT).etat is Etat.ECHEC


@given(st.integers(1, ESSAIS), st.integers(1, 100_000), st.booleans(), st.booleans())
def test_nothing_is_tried_again_once_the_rdv_has_begun(n: int, secondes: int, certain: bool, general: bool) -> None:
    debut = MAINTENANT + timedelta(seconds=secondes)
    suite = after_incident(Incident(Panne.PLUS_TARD, certain, general), n, MAINTENANT, debut, MAINTENANT)
    assert suite.etat is Etat.ECHEC or (suite.essayer_le is not None and MAINTENANT < suite.essayer_le < debut)


@given(st.integers(1, ESSAIS))
def test_a_transport_that_was_not_reached_costs_no_attempt(n: int) -> None:
    down = Incident(Panne.INJOIGNABLE, certain=True, general=True, compte=False)
    suite = after_incident(down, n, MAINTENANT, LOIN, MAINTENANT)
    assert (suite.etat, suite.tentatives, suite.essayer_le) == (Etat.ATTENTE, n - 1, MAINTENANT)


def test_every_reason_is_told_in_words() -> None:
    assert set(LIBELLES_PANNE) == set(Panne)
    for code in (*Panne, *Raison):
        assert explain_code(code, Canal.SMS) not in ("", code)
    assert explain_code(None, Canal.SMS) == ""
