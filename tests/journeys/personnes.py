"""People of the demonstration base that the walks are about, found in it, never named here."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Connu:
    """A fiche that exists."""

    id: int
    prenom: str
    nom: str
    date_naissance: str

    @property
    def nom_faute(self) -> str:
        """The surname with two neighbouring letters exchanged, as one types in a hurry."""
        i = len(self.nom) // 2
        return self.nom[: i - 1] + self.nom[i] + self.nom[i - 1] + self.nom[i + 1 :]

    @property
    def naissance_tapee(self) -> str:
        """The birth date as one types it."""
        return "/".join(reversed(self.date_naissance.split("-")))


def find_connu(instance: Path, organisation: str = "MDS Chalon") -> Connu:
    """A living fiche of this organisation whose plain surname is rare enough to be found by it."""
    with sqlite3.connect(instance / "fiches.db") as base:
        rows = base.execute(
            """
            select u.id, u.prenom, u.nom, u.date_naissance from usager u
            join rattachement r on r.usager_id = u.id join organisation o on o.id = r.organisation_id
            where o.nom = ? and u.fusionne_vers_id is null and not u.protegee and length(u.date_naissance) = 10
              and length(u.nom) between 7 and 10 and length(u.prenom) >= 5
              and u.id not in (select usager_a_id from doublon union select usager_b_id from doublon)
              and (select count(*) from usager v where v.nom = u.nom collate nocase) = 1
            order by u.id
            """,
            (organisation,),
        ).fetchall()
    plain = [r for r in rows if (r[1] + r[2]).isascii() and (r[1] + r[2]).isalpha()]
    plain = [r for r in plain if r[2][len(r[2]) // 2] != r[2][len(r[2]) // 2 - 1]]
    return Connu(*plain[0])


def find_paire(instance: Path, organisation: str = "MDS Chalon") -> tuple[int, int]:
    """Two fiches of this organisation that were found to be likely duplicates."""
    with sqlite3.connect(instance / "fiches.db") as base:
        row = base.execute(
            """
            select d.usager_a_id, d.usager_b_id from doublon d
            join usager a on a.id = d.usager_a_id join usager b on b.id = d.usager_b_id
            join rattachement ra on ra.usager_id = a.id join rattachement rb on rb.usager_id = b.id
            join organisation o on o.id = ra.organisation_id and o.id = rb.organisation_id
            where o.nom = ? and d.etat = 'ouvert' and d.niveau in ('certain', 'probable')
              and not a.protegee and not b.protegee
              and a.id not in (select usager_id from acces_compte) and b.id not in (select usager_id from acces_compte)
            order by d.score desc, d.id limit 1
            """,
            (organisation,),
        ).fetchone()
    assert row, "the demonstration holds no likely pair"
    return int(row[0]), int(row[1])


def find_proche_attendu(instance: Path, organisation: str = "MDS Chalon") -> tuple[int, int]:
    """A proche who takes part in a notified RDV to come, alone, and the responsable who hears of it,
    neither of them of the family that usager@demo.test opens."""
    with sqlite3.connect(instance / "fiches.db") as base:
        row = base.execute(
            """
            select l.proche_id, l.responsable_id from lien_proche l
            join usager p on p.id = l.proche_id join usager q on q.id = l.responsable_id
            join rattachement a on a.usager_id = p.id join rattachement b on b.usager_id = q.id
            join organisation o on o.id = a.organisation_id and o.id = b.organisation_id
            join participation x on x.usager_id = p.id and x.issue is null
            join rdv r on r.id = x.rdv_id and r.annule_le is null and not r.ne_pas_prevenir
            join motif m on m.id = r.motif_id and m.visibilite = 'visible_notifie'
            where o.nom = ? and r.debut > datetime('now', '+4 days') and l.fin is null
              and not p.protegee and not q.protegee and q.decede_le is null
              and (q.email is not null and q.notif_email or q.telephone like '+336%' and q.notif_sms)
              and coalesce(q.email, '') <> 'usager@demo.test'
              and (select count(*) from participation y where y.rdv_id = r.id) = 1
            order by r.debut limit 1
            """,
            (organisation,),
        ).fetchone()
    assert row, "the demonstration holds no proche with an RDV to come"
    return int(row[0]), int(row[1])
