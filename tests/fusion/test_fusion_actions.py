"""Carrying out a merge on a real base: everything moves, all or nothing (R29, R30)."""

from datetime import timedelta

import pytest

from fiches.comptes.models import AccesCompte, Compte
from fiches.doublons.models import Doublon
from fiches.fusion.models import Fusion
from fiches.fusion.refus import FusionImpossible
from fiches.journal.models import EntreeJournal
from fiches.proches.models import LienProche
from fiches.rdvs.models import Participation
from fiches.usagers.models import AncienContact, AncienNom, Rattachement, Referent, Remarque
from tests.builders import (
    MAINTENANT,
    a_lien,
    a_rdv,
    a_referent,
    a_usager,
    an_agent,
    an_organisation,
)
from tests.fusion.fabrique import des_cotes
from tests.fusion.scene import a_compte, a_doublon, write

UN, DEUX = "+33611111111", "+33622222222"


# --- fields, pointer, record ---------------------------------------------------------------


def test_F5_the_kept_fiche_is_what_the_preview_showed(scene):
    a = a_usager(scene.session, scene.org, nom="Dupont", telephone=UN, ville="Mâcon")
    b = a_usager(scene.session, scene.org, nom="Dupond", telephone=DEUX, email="j@exemple.test")
    choix = des_cotes(nom="b", telephone="ab", adresse="")
    plan, etat = scene.preview(a, b, choix)
    fait = scene.merge(a, b, choix, etat)
    usager = scene.usager(fait.survivant_id)
    assert {n: getattr(usager, n) for n in plan.fiche.valeurs} == plan.fiche.valeurs
    assert (usager.nom, usager.telephone, usager.telephone_2, usager.ville) == ("Dupond", UN, DEUX, None)
    assert usager.version == 2


def test_F25_the_other_becomes_a_pointer_and_chains_are_flattened(scene):
    a, b, c = (a_usager(scene.session, scene.org, cree_le=MAINTENANT - timedelta(days=d)) for d in (1, 2, 3))
    assert scene.merge(a, b).survivant_id == b
    assert scene.merge(b, c).survivant_id == c
    assert [scene.usager(i).fusionne_vers_id for i in (a, b, c)] == [c, c, None]
    assert scene.rows(Rattachement, usager_id=a) == []


def test_F26_the_journal_of_both_tells_what_was_chosen_and_no_value(scene):
    a, b = a_usager(scene.session, scene.org, nom="Dupont"), a_usager(scene.session, scene.org, nom="Dupond")
    fait = scene.merge(a, b, des_cotes(nom="b"))
    lignes = [x for x in scene.rows(EntreeJournal) if x.acte == "fusion"]
    assert [(x.acte, x.usager_id, x.agent_id, x.organisation_id) for x in lignes] == [
        ("fusion", a, scene.agent, scene.org),
        ("fusion", b, scene.agent, scene.org),
    ]
    assert lignes[0].champs == ["nom"]
    assert lignes[0].details["choix"] == {"nom": "b"}
    assert lignes[0].details["bilan"]["preferences"] == "agents"
    fusion = scene.session.get(Fusion, fait.fusion_id)
    assert "Dup" not in repr([lignes[0].details, lignes[0].empreintes, fusion.choix, fusion.bilan])
    assert fusion.annulable_jusqu_au == MAINTENANT + timedelta(days=90)


def test_F21_what_is_given_up_stays_findable(scene):
    a = a_usager(scene.session, scene.org, nom="Durand", email="a@x.test", telephone=UN)
    b = a_usager(scene.session, scene.org, nom="Martin", email="b@x.test", telephone=DEUX)
    scene.merge(a, b, des_cotes(nom="b", email="a", telephone="a"))
    assert [(x.usager_id, x.prenom, x.nom) for x in scene.rows(AncienNom)] == [(a, "Jeanne", "Durand")]
    assert {(x.usager_id, x.valeur) for x in scene.rows(AncienContact)} == {(a, "b@x.test"), (a, DEUX)}


def test_F21_a_former_address_that_is_current_again_is_no_longer_former(scene):
    a = a_usager(scene.session, scene.org, email="a@x.test")
    b = a_usager(scene.session, scene.org, email="b@x.test")
    write(scene, AncienContact(usager_id=a, genre="email", valeur="b@x.test", cree_le=MAINTENANT))
    write(scene, AncienContact(usager_id=a, genre="email", valeur="z@x.test", cree_le=MAINTENANT))
    write(scene, AncienContact(usager_id=b, genre="email", valeur="z@x.test", cree_le=MAINTENANT))
    scene.merge(a, b, des_cotes(email="b"))
    assert sorted(x.valeur for x in scene.rows(AncienContact, usager_id=a)) == ["a@x.test", "z@x.test"]


# --- what hangs on the fiche ------------------------------------------------------------------


def test_F11_all_proches_follow(scene):
    a, b, p, q = (a_usager(scene.session, scene.org, prenom=n) for n in ("Ana", "Ana", "Paul", "Rose"))
    a_lien(scene.session, proche=p, responsable=a)
    a_lien(scene.session, proche=q, responsable=b)
    scene.merge(a, b)
    assert {(x.proche_id, x.responsable_id) for x in scene.rows(LienProche)} == {(p, a), (q, a)}


def test_F12_the_chosen_responsable_stays(scene):
    a, b, r, s = (a_usager(scene.session, scene.org, prenom=n) for n in ("Ana", "Ana", "Paul", "Rose"))
    a_lien(scene.session, proche=a, responsable=r)
    a_lien(scene.session, proche=b, responsable=s)
    with pytest.raises(FusionImpossible):
        scene.merge(a, b)
    scene.merge(a, b, des_cotes(responsable="b"))
    assert [(x.proche_id, x.responsable_id) for x in scene.rows(LienProche)] == [(a, s)]


def test_F14_a_fiche_merges_with_its_own_responsable_once_confirmed(scene):
    a, b, p = (a_usager(scene.session, scene.org, prenom=n) for n in ("Ana", "Ana", "Paul"))
    a_lien(scene.session, proche=b, responsable=a)
    a_lien(scene.session, proche=p, responsable=b)
    with pytest.raises(FusionImpossible):
        scene.merge(a, b)
    scene.merge(a, b, confirmer=True)
    assert [(x.proche_id, x.responsable_id) for x in scene.rows(LienProche)] == [(p, a)]


def test_F15_a_loop_through_a_third_person_is_refused_by_its_names(scene):
    a, b, x = (a_usager(scene.session, scene.org, prenom=n) for n in ("Ana", "Ana", "Xavier"))
    a_lien(scene.session, proche=a, responsable=x)
    a_lien(scene.session, proche=x, responsable=b)
    with pytest.raises(FusionImpossible) as refus:
        scene.merge(a, b, confirmer=True)
    assert "Xavier" in refus.value.plan.refus[0].texte


def test_F16_participations_are_re_pointed_and_a_common_one_is_kept_once(scene):
    a, b = a_usager(scene.session, scene.org), a_usager(scene.session, scene.org)
    commun = a_rdv(scene.session, scene.org, scene.agent, a, b, debut=MAINTENANT - timedelta(days=9))
    seul = a_rdv(scene.session, scene.org, scene.agent, b)
    [rangee] = scene.rows(Participation, usager_id=b, rdv_id=commun)
    rangee.issue = "vu"
    scene.session.commit()
    [deplacee] = [x.id for x in scene.rows(Participation, rdv_id=seul)]
    scene.merge(a, b)
    assert [(x.rdv_id, x.issue) for x in scene.rows(Participation, usager_id=a)] == [(commun, "vu"), (seul, None)]
    assert [x.id for x in scene.rows(Participation, rdv_id=seul)] == [deplacee]
    assert scene.rows(Participation, usager_id=b) == []


def test_F18_organisations_and_referents_are_joined(scene):
    autre = an_organisation(scene.session, territoire_id=scene.contexte.territoire_id)
    a, b = a_usager(scene.session, scene.org), a_usager(scene.session, scene.org, autre)
    voisin = an_agent(scene.session, autre)
    a_referent(scene.session, a, scene.agent, scene.org)
    a_referent(scene.session, b, scene.agent, scene.org)
    a_referent(scene.session, b, voisin, autre)
    scene.merge(a, b)
    assert {x.organisation_id for x in scene.rows(Rattachement, usager_id=a)} == {scene.org, autre}
    assert {x.agent_id for x in scene.rows(Referent, usager_id=a)} == {scene.agent, voisin}


def test_R13_remarques_of_another_service_move_without_being_read(scene):
    autre = an_organisation(scene.session, territoire_id=scene.contexte.territoire_id)
    a = a_usager(scene.session, scene.org, remarques="Ici")
    b = a_usager(scene.session, autre, scene.org, remarques="Ailleurs")
    plan, _ = scene.preview(a, b)
    assert "Ailleurs" not in repr(plan.ligne("remarques"))
    scene.merge(a, b, des_cotes(remarques=""))
    assert [(x.organisation_id, x.texte) for x in scene.rows(Remarque, usager_id=a)] == [(autre, "Ailleurs")]


def test_F7_rdvs_of_another_service_are_counted_and_move(scene):
    autre = an_organisation(scene.session, territoire_id=scene.contexte.territoire_id)
    a, b = a_usager(scene.session, scene.org), a_usager(scene.session, scene.org, autre)
    a_rdv(scene.session, autre, an_agent(scene.session, autre), b)
    plan, _ = scene.preview(a, b)
    assert (plan.rdvs.total, plan.rdvs.autres) == (1, 1)
    scene.merge(a, b)
    assert len(scene.rows(Participation, usager_id=a)) == 1


# --- comptes (F20), préférences (F22) ------------------------------------------------------------


def test_F20_a_compte_on_one_side_moves_with_its_state(scene):
    a, b = a_usager(scene.session, scene.org), a_usager(scene.session, scene.org)
    compte = a_compte(scene, b, "b@x.test", "invite")
    assert scene.merge(a, b).survivant_id == a
    assert [(x.usager_id, x.compte_id) for x in scene.rows(AccesCompte)] == [(a, compte)]
    assert scene.session.get(Compte, compte).etat == "invite"


def test_F20_of_two_active_comptes_the_one_not_chosen_is_closed(scene):
    a, b = a_usager(scene.session, scene.org), a_usager(scene.session, scene.org)
    ca, cb = a_compte(scene, a, "a@x.test"), a_compte(scene, b, "b@x.test")
    with pytest.raises(FusionImpossible):
        scene.merge(a, b)
    assert scene.merge(a, b, des_cotes(compte="b")).survivant_id == b
    assert [(x.usager_id, x.compte_id) for x in scene.rows(AccesCompte)] == [(b, cb)]
    assert [scene.session.get(Compte, c).etat for c in (ca, cb)] == ["ferme", "actif"]


def test_F22_préférences_set_by_the_usager_survive_whatever_is_ticked(scene):
    a = a_usager(scene.session, scene.org)
    b = a_usager(scene.session, scene.org, notif_sms=False, notif_sms_auteur="usager", notif_sms_le=MAINTENANT)
    scene.merge(a, b, des_cotes(notif_sms="a", notif_email="a"))
    usager = scene.usager(a)
    assert (usager.notif_sms, usager.notif_sms_auteur, usager.notif_sms_le) == (False, "usager", MAINTENANT)


# --- the queue (F27) ----------------------------------------------------------------------------------


def test_F27_the_pair_leaves_and_decisions_carry_over(scene):
    a, b, c, d = (a_usager(scene.session, scene.org, prenom=n) for n in ("Ana", "Ana", "Paul", "Rose"))
    a_doublon(scene, a, b)
    a_doublon(scene, a, c, score=0.95)
    a_doublon(scene, b, c, "ecarte")
    a_doublon(scene, d, b)
    scene.merge(b, a)
    paires = {(x.usager_a_id, x.usager_b_id): (x.etat, x.raison) for x in scene.rows(Doublon)}
    assert paires[a, b][0] == "fusionne"
    assert paires[a, c] == ("ecarte", "homonymes")
    assert not any(b in cle for cle in paires if cle != (a, b))


def test_F27_a_decision_that_the_merge_contradicts_is_shown(scene):
    a, b = a_usager(scene.session, scene.org), a_usager(scene.session, scene.org)
    a_doublon(scene, a, b, "ecarte")
    plan, _ = scene.preview(a, b)
    assert "homonymes" in plan.alertes[0]


def test_F11_proches_who_look_alike_once_together_are_the_next_pair(scene):
    a, b = a_usager(scene.session, scene.org), a_usager(scene.session, scene.org)
    p, q = (a_usager(scene.session, scene.org, prenom="Léo", date_naissance="2019-05-02") for _ in range(2))
    a_lien(scene.session, proche=p, responsable=a)
    a_lien(scene.session, proche=q, responsable=b)
    scene.merge(a, b)
    [paire] = scene.rows(Doublon, usager_a_id=p, usager_b_id=q)
    assert (paire.etat, paire.origine) == ("ouvert", "fusion")
    assert {scene.usager(i).fusionne_vers_id for i in (p, q)} == {None}


def test_F27_pairs_with_the_other_fiche_are_scored_again(scene):
    qui = {"prenom": "Emmanuelle", "nom": "Lécuyer"}
    a = a_usager(scene.session, scene.org, **qui)
    b = a_usager(scene.session, scene.org, **qui, date_naissance="1984-03-14")
    c = a_usager(scene.session, scene.org, **qui, date_naissance="1984-03-14")
    a_doublon(scene, a, c, score=0.01)
    scene.merge(a, b)
    [paire] = scene.rows(Doublon, usager_a_id=a, usager_b_id=c)
    assert (paire.niveau, paire.score > 0.5) == ("certain", True)
