"""What holds for every RDV and every turn of events: who is told, and what waits (PURE, R17–R19, R26)."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from fiches.identite import takes_sms
from fiches.notifications.plan import Ligne, PlanEnvois, plan_envois, waiting_after
from fiches.notifications.previsions import show_prevision
from fiches.notifications.rules import Canal, Contact, Etat, Genre, Participant, RdvNotifie, who_is_told

MAINTENANT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
EMAILS = [None, "a@x.test", "A@x.test", "b@x.test"]
TELEPHONES = [None, "+33611111111", "+33622222222", "+33385000000"]

contacts = {
    i: st.builds(
        Contact,
        usager_id=st.just(i),
        nom=st.just(f"Personne {i}"),
        email=st.sampled_from(EMAILS),
        telephone=st.sampled_from(TELEPHONES),
        veut_email=st.booleans(),
        veut_sms=st.booleans(),
        compte_actif=st.booleans(),
        decede=st.sampled_from([False, False, False, True]),
        a_verifier=st.frozensets(st.sampled_from(Canal), max_size=1),
    )
    for i in range(1, 6)
}


@st.composite
def rdvs(draw, visibilite=st.sampled_from(["visible_notifie", "visible_notifie", "visible", "invisible"])):
    gens = {i: draw(c) for i, c in contacts.items()}
    participants = []
    for i in draw(st.lists(st.sampled_from([1, 2, 3]), min_size=1, max_size=3, unique=True)):
        responsable = draw(st.sampled_from([None, *(j for j in (1, 4, 5) if j != i)]))
        participants.append(
            Participant(gens[i], gens[responsable] if responsable else None, draw(st.sampled_from([True, True, False])))
        )
    return RdvNotifie(
        id=1,
        organisation_id=1,
        debut=MAINTENANT + timedelta(days=draw(st.integers(1, 6))),
        duree=30,
        visibilite=draw(visibilite),
        participants=tuple(participants),
        ne_pas_prevenir=draw(st.sampled_from([False, False, False, True])),
        rappel_jours=draw(st.integers(0, 3)),
    )


@given(rdvs())
def test_R19_nobody_and_no_address_is_told_twice_of_one_event(rdv):
    dits = [a for a in who_is_told(rdv) if a.adresse]
    assert len({a.cle for a in dits}) == len(dits)
    assert len({(a.canal, a.adresse.lower()) for a in dits}) == len(dits)


@given(rdvs())
def test_R18_R19_R21_nothing_goes_to_an_address_that_may_not_be_used(rdv):
    for avis in who_is_told(rdv):
        assert (avis.adresse is None) == (avis.raison is not None)
        if avis.adresse:
            contact = avis.destinataire
            assert avis.adresse == contact.adresse(avis.canal)
            assert contact.veut(avis.canal)
            assert not contact.decede
            assert avis.canal not in contact.a_verifier
            assert avis.canal is Canal.EMAIL or takes_sms(avis.adresse)


@given(rdvs(visibilite=st.sampled_from(["visible", "invisible"])))
def test_R17_a_motif_that_is_not_notified_tells_nobody(rdv):
    assert not [a for a in who_is_told(rdv) if a.adresse]
    assert waiting_after(rdv, (), MAINTENANT, Genre.NOUVEAU) == ()


@given(rdvs())
def test_R26_a_proche_s_rdv_reaches_the_direct_responsable_and_the_proche_with_a_compte(rdv):
    permis = set()
    for p in rdv.participants:
        if p.attendu and not p.contact.decede:
            if p.responsable is None or p.contact.compte_actif:
                permis.add(p.contact.usager_id)
            if p.responsable is not None:
                permis.add(p.responsable.usager_id)
    assert {a.destinataire.usager_id for a in who_is_told(rdv)} == permis


# --- the outbox through any sequence of events ---------------------------------------------------------


@dataclass
class Boite:
    """The outbox of one RDV, kept by carrying out what the rules say."""

    rdv: RdvNotifie
    maintenant: datetime = MAINTENANT
    lignes: dict[int, Ligne] = field(default_factory=dict)

    def apply(self, annonce: Genre | None) -> PlanEnvois:
        plan = plan_envois(self.rdv, tuple(self.lignes.values()), self.maintenant, annonce)
        for i, raison in plan.abandons:
            assert raison
            assert self.lignes[i].etat is Etat.ATTENTE
            self.lignes[i] = replace(self.lignes[i], etat=Etat.ABANDON)
        for i, du_le in plan.reprises:
            assert self.lignes[i].etat in (Etat.ABANDON, Etat.ATTENTE)
            self.lignes[i] = replace(self.lignes[i], etat=Etat.ATTENTE, du_le=du_le)
        for a in plan.ajouts:
            i = len(self.lignes) + 1
            self.lignes[i] = Ligne(i, a.usager_id, a.genre, a.canal, a.evenement, Etat.ATTENTE, a.du_le)
        return plan

    def waiting(self) -> list[Ligne]:
        return [x for x in self.lignes.values() if x.etat is Etat.ATTENTE]

    def check(self) -> None:
        attente = self.waiting()
        assert len({x.cle for x in attente}) == len(attente)  # no two say the same to the same person
        annonces = [(x.usager_id, x.canal) for x in attente if x.genre is not Genre.RAPPEL]
        assert len(set(annonces)) == len(annonces)  # and of announcements only one at a time
        oui = {a.cle for a in who_is_told(self.rdv) if a.adresse}
        assert {(x.usager_id, x.canal) for x in attente} <= oui
        assert not self.rdv.annule or {x.genre for x in attente} <= {Genre.ANNULE}


EVENEMENTS = ["deplace", "annule", "contact", "responsable", "excuse", "prevenir", "envoi", "sent", "echec", "attendre"]


def happen(boite: Boite, quoi: str, data: st.DataObject) -> None:
    """One event; only what changes the RDV or its people asks the rules again."""
    rdv, tire = boite.rdv, data.draw
    if quoi in ("envoi", "sent", "echec"):
        for x in boite.waiting():
            if x.du_le <= boite.maintenant and tire(st.booleans()):
                etat = {"envoi": Etat.ENVOI, "sent": Etat.ENVOYE, "echec": Etat.ECHEC}[quoi]
                boite.lignes[x.id] = replace(x, etat=etat)
        return
    if quoi == "attendre":
        boite.maintenant += timedelta(days=tire(st.integers(1, 3)))
        return
    if quoi in ("deplace", "annule"):
        if rdv.annule or rdv.debut <= boite.maintenant:
            boite.apply(None)  # refused: what an RDV that has begun still had waiting is given up
            return
        boite.rdv = replace(
            rdv,
            evenement=rdv.evenement + 1,
            annule=quoi == "annule",
            debut=rdv.debut + timedelta(days=tire(st.integers(0, 3)) if quoi == "deplace" else 0),
        )
        boite.apply(Genre(quoi))
        return
    rang = tire(st.integers(0, len(rdv.participants) - 1))
    p = rdv.participants[rang]
    if quoi == "contact":
        p = replace(p, contact=tire(contacts[p.contact.usager_id]))
    elif quoi == "responsable":
        p = replace(p, responsable=tire(st.none() | contacts[4] | contacts[5]))
    elif quoi == "excuse":
        p = replace(p, attendu=not p.attendu)
    else:
        rdv = replace(rdv, ne_pas_prevenir=not rdv.ne_pas_prevenir)
    boite.rdv = replace(rdv, participants=(*rdv.participants[:rang], p, *rdv.participants[rang + 1 :]))
    boite.apply(None)


@settings(max_examples=300, deadline=None)
@given(rdvs(), st.lists(st.sampled_from(EVENEMENTS), max_size=10), st.data())
def test_R19_the_outbox_stays_in_line_through_any_sequence_of_events(rdv, suite, data):
    boite = Boite(rdv)
    boite.apply(Genre.NOUVEAU)
    boite.check()
    for quoi in suite:
        happen(boite, quoi, data)
        if quoi not in ("envoi", "sent", "echec", "attendre"):
            boite.check()
            assert boite.apply(None) == PlanEnvois()  # carried out, the plan changes nothing more


@settings(max_examples=200, deadline=None)
@given(rdvs(), st.lists(st.sampled_from(["deplace", "contact", "responsable", "excuse"]), max_size=5), st.data())
def test_R19_an_rdv_cancelled_before_anything_left_sends_nothing(rdv, suite, data):
    boite = Boite(rdv)
    boite.apply(Genre.NOUVEAU)
    for quoi in (*suite, "annule"):
        happen(boite, quoi, data)
    annonces = {(x.usager_id, x.canal) for x in boite.lignes.values() if x.genre is Genre.NOUVEAU}
    assert {(x.usager_id, x.canal) for x in boite.waiting()}.isdisjoint(annonces)


@settings(max_examples=200, deadline=None)
@given(rdvs(), st.lists(st.sampled_from(EVENEMENTS), max_size=6), st.data())
def test_R22_what_is_shown_is_what_waits(rdv, suite, data):
    boite = Boite(rdv)
    boite.apply(Genre.NOUVEAU)
    for quoi in suite:
        happen(boite, quoi, data)
    prevision = show_prevision(boite.rdv, boite.maintenant, None, tuple(boite.lignes.values()))
    montres = sum(len(d.envois) for d in prevision.destinataires)
    boite.apply(None)
    assert montres == len(boite.waiting())
    assert all(bool(d.envois) != bool(d.pourquoi) for d in prevision.destinataires)
