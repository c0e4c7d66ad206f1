"""The words of messages: neutral, in the GSM alphabet for an SMS, the same in text, HTML and page (R21)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fiches.notifications.jetons import make_liens
from fiches.notifications.mise_en_page import count_segments, cut
from fiches.notifications.rules import Canal, Contact, Genre, Participant, RdvNotifie, who_is_told
from fiches.notifications.textes import GSM_7, LIBELLES_LIENS, write_message

BASE = "https://rdv.exemple.test"
LIENS = make_liens(12, "secret", BASE)
DEBUT = datetime(2026, 12, 2, 8, 30, tzinfo=UTC)
# Words that no sentence of ours holds, with what people's names hold.
MOTS = st.text("XQZWxqzwéèêëàâîïôöûüçœÉÀÇŒ'’- ", max_size=20).map(lambda t: f"XQ{t}ZW")


def rdv_of(prenom: str, nom: str, lieu: str | None, debut: datetime = DEBUT, **values: str | None) -> RdvNotifie:
    mere = Contact(1, f"{prenom} {nom}", prenom, "mere@exemple.test", "+33612345678")
    enfant = Contact(2, f"Léonie {nom}", prenom)
    autre = Contact(3, f"Hugo {nom}", "Hugo", "autre@exemple.test", "+33698765432")
    participants = (Participant(enfant, mere), Participant(autre))
    return RdvNotifie(
        7, 1, debut, 30, "visible_notifie", participants,
        lieu=lieu, telephone="+33353010203", motif=values.get("motif"), service=values.get("service"),
    )  # fmt: skip


def texts(rdv: RdvNotifie) -> list[tuple[Canal, str, str]]:
    return [
        (avis.canal, texte.sujet, texte.corps)
        for genre in Genre
        for avis in who_is_told(rdv)
        if avis.adresse is not None
        for texte in [write_message(genre, rdv, avis, LIENS)]
    ]


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=200), st.integers(0, 10**6))
@example("Zoë-Élodie", "d’Ångström", "Bâtiment «\u00a0Œuvre\u00a0», 3ᵉ étage — porte n°\u00a02 ☎", 0)
@example("李", "Łukasz", "ﬁn\u2028ß\x00\x1b", 0)
def test_an_sms_keeps_to_the_gsm_alphabet_whatever_the_names_R21(
    prenom: str, nom: str, lieu: str, minutes: int
) -> None:
    rdv = rdv_of(prenom, nom, lieu, DEBUT + timedelta(minutes=minutes), motif=nom, service=lieu)
    for canal, sujet, corps in texts(rdv):
        if canal is Canal.SMS:
            assert set(corps) <= GSM_7
            assert sujet == ""
            assert count_segments(corps) >= 1
        else:
            assert "\n" not in sujet
            assert "\r" not in sujet


@given(MOTS, MOTS, MOTS)
def test_nobody_s_surname_nor_the_motif_nor_the_service_is_said_R21(nom: str, motif: str, service: str) -> None:
    """What the RDV does not hand to the words cannot be in them; a surname never is handed."""
    permis = rdv_of("Camille", nom, None, motif=motif, service=service)
    tus = rdv_of("Camille", nom, None)
    for canal, sujet, corps in texts(tus):
        assert not any(mot.strip() in sujet + corps for mot in (nom, motif, service)), canal
    if nom not in motif + service:
        assert all(nom.strip() not in sujet + corps for _, sujet, corps in texts(permis))
    assert all(motif in corps and service in corps for c, _, corps in texts(permis) if c is Canal.EMAIL)


def test_a_participant_is_never_told_of_another_one_R16() -> None:
    for _, sujet, corps in texts(rdv_of("Léonie", "Durand", "12 rue des Lilas")):
        assert not ("Léonie" in sujet + corps and "Hugo" in sujet + corps)


@pytest.mark.parametrize(
    ("prenoms", "mots"),
    [(["Léonie"], "pour Léonie le"), (["Léonie", "Hugo"], "pour Léonie et Hugo le"),
     (["Léonie", "Hugo", "Zoé"], "pour Léonie, Hugo et Zoé le")],
)  # fmt: skip
def test_several_proches_are_listed_as_one_says_them(prenoms: list[str], mots: str) -> None:
    mere = Contact(1, "Anne Durand", "Anne", "mere@exemple.test", "+33612345678")
    enfants = tuple(Participant(Contact(i, p, p), mere) for i, p in enumerate(prenoms, 2))
    rdv = replace(rdv_of("Anne", "Durand", None), participants=enfants)
    assert texts(rdv)
    assert all(mots in corps for _, _, corps in texts(rdv) if "prévu" in corps)


@given(st.sampled_from(Genre), st.text(max_size=100))
def test_every_message_has_its_links_and_only_ours_become_links_R21(genre: Genre, lieu: str) -> None:
    rdv = rdv_of("Léonie", "Durand", f"{lieu} : https://ailleurs.test/avis/x")
    for avis in who_is_told(rdv):
        corps = write_message(genre, rdv, avis, LIENS).corps if avis.adresse else ""
        liens = [m.lien for m in cut(corps, BASE) if m.lien]
        attendus = [LIENS.annuler] if genre is not Genre.ANNULE else []
        assert liens == ([*attendus, LIENS.arreter, LIENS.pas_moi] if corps else [])


def test_the_words_of_a_line_and_its_link_are_told_apart() -> None:
    texte, lien = f"{LIBELLES_LIENS['annuler']} : {LIENS.annuler}", f"{LIBELLES_LIENS['arreter']} : https://x.test/a"
    assert [(m.texte, m.lien) for m in cut(f"{texte}\n\n{lien}", BASE)] == [
        ("Annuler ce RDV", LIENS.annuler), ("", None), (lien, None),
    ]  # fmt: skip


def test_segments_are_counted_as_they_are_paid() -> None:
    assert [count_segments("a" * n) for n in (0, 160, 161, 306, 307)] == [1, 1, 2, 2, 3]
    assert count_segments("€" * 80) == 1
    assert count_segments("€" * 81) == 2
