"""`flask usagers importer` (R34): only creates, good lines in one transaction, the rest returned."""

import csv
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fiches.doublons.models import Doublon
from fiches.journal.models import EntreeJournal
from fiches.proches.models import LienProche
from fiches.usagers.models import Rattachement, Remarque, Usager
from tests.builders import a_territoire, a_usager, an_organisation


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


@pytest.fixture
def org(session: Session) -> int:
    return an_organisation(session, "MDS Chalon")


class Importeur:
    """Runs the import on a text and keeps what it said."""

    def __init__(self, runner: FlaskCliRunner, dossier: Path, org: int) -> None:
        self.runner, self.dossier, self.org = runner, dossier, org

    def __call__(self, texte: str | bytes, *options: str, code: int = 0) -> str:
        """The last line of standard output; `stderr` and `stdout` keep all of it."""
        fichier = self.dossier / "import.csv"
        fichier.write_bytes(texte if isinstance(texte, bytes) else texte.encode())
        args = ["usagers", "importer", str(fichier), "--organisation", str(self.org), *options]
        resultat = self.runner.invoke(args=args)
        self.stdout, self.stderr = resultat.stdout, resultat.stderr
        assert resultat.exit_code == code, (resultat.output, resultat.exception)
        return resultat.stdout.splitlines()[-1] if resultat.stdout else ""


@pytest.fixture
def importe(runner: FlaskCliRunner, tmp_path: Path, org: int) -> Importeur:
    return Importeur(runner, tmp_path, org)


def _count(session: Session, table: type) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_r34_each_good_line_becomes_a_fiche_of_the_organisation(importe: Importeur, session: Session, org: int) -> None:
    dernier = importe(
        "prenom;nom;date_naissance;telephone;remarques;notif_sms\n"
        'Zoé;Dupré;14/03/1984;06 39 98 12 34;"deux\nlignes";non\n'
        "Ali;Ben Salah;1985;;;\n"
    )
    assert (dernier, importe.stderr) == ("2 importées, 0 rejetées, 0 doublons probables", "")
    zoe, ali = session.scalars(select(Usager).order_by(Usager.id)).all()
    assert (zoe.prenom, zoe.date_naissance, zoe.telephone) == ("Zoé", "1984-03-14", "+33639981234")
    assert (zoe.notif_sms, zoe.notif_sms_auteur, zoe.notif_email, ali.notif_sms) == (False, "agent", True, True)
    assert (ali.nom, ali.date_naissance) == ("Ben Salah", "1985")
    attaches = session.scalars(select(Rattachement)).all()
    assert {(a.organisation_id, a.raison, a.agent_id) for a in attaches} == {(org, "import", None)}
    assert session.scalars(select(Remarque.texte)).all() == ["deux\nlignes"]


def test_r36_the_journal_names_the_fields_and_holds_no_value(importe: Importeur, session: Session) -> None:
    importe("prenom,nom,ville\nZoé,Dupré,Tournus\n")
    [ligne] = session.scalars(select(EntreeJournal)).all()
    assert (ligne.acte, ligne.champs, ligne.agent_id) == ("import", ["prenom", "nom", "ville"], None)
    assert "Tournus" not in str((ligne.empreintes, ligne.details))


def test_rejected_lines_are_listed_by_number_and_reason_without_personal_data(
    importe: Importeur, session: Session
) -> None:
    dernier = importe('prenom;nom;email\nZoé;Dupré;\nAnne;Martin;pas d’adresse\n"Luc;Morel;\n;Petit;\nA;B\n')
    assert dernier == "1 importées, 4 rejetées, 0 doublons probables"
    assert [ligne.split(" : ")[0] for ligne in importe.stderr.splitlines()] == [f"ligne {n}" for n in (3, 4, 5, 6)]
    assert not any(nom in importe.stderr for nom in ("Anne", "Martin", "adresse»", "Luc", "Morel", "Petit"))
    assert _count(session, Usager) == 1


def test_rejected_lines_are_returned_with_their_columns_and_can_be_imported_once_mended(
    importe: Importeur, tmp_path: Path
) -> None:
    rejets = tmp_path / "rejets.csv"
    importe("id;prenom;nom;ville\n7;Zoé;Dupré;Dole\n8;Élie;;Mâcon\n9;A;B;C;D\n", "--rejets", str(rejets))
    assert importe.stderr == ""
    with rejets.open(encoding="utf-8", newline="") as fichier:
        lignes = list(csv.DictReader(fichier, delimiter=";"))
    assert [(r["id"], r["prenom"], r["ville"], r["ligne"]) for r in lignes] == [
        ("8", "Élie", "Mâcon", "3"),
        ("9", "A", "C;D", "4"),
    ]
    assert all(r["motif"].endswith(".") for r in lignes)
    assert rejets.stat().st_mode & 0o077 == 0
    mended = rejets.read_text(encoding="utf-8").replace("Élie;;", "Élie;Faure;")
    assert importe(mended) == "2 importées, 0 rejetées, 0 doublons probables"


def test_the_file_of_rejects_never_replaces_the_imported_file(importe: Importeur, tmp_path: Path) -> None:
    texte = "prenom;nom\n;\nA;\n"
    importe(texte, "--rejets", str(tmp_path / "import.csv"), code=1)
    assert (tmp_path / "import.csv").read_text() == texte


def test_with_nothing_imported_the_exit_status_is_1(importe: Importeur, session: Session) -> None:
    assert importe("prenom;nom\n;Dupré\n", code=1) == "0 importées, 1 rejetées, 0 doublons probables"
    assert "Aucune ligne" in importe.stderr
    assert importe("prenom;nom\n", code=1) == "0 importées, 0 rejetées, 0 doublons probables"
    assert _count(session, Usager) == 0


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"prenom;nom;couleur\nA;B;C\n",
        b"prenom;nom;nom\nA;B;C\n",
        b"prenom\nA\n",
        "prenom;nom\nA;B\n".encode("utf-16"),
    ],
)
def test_a_refused_file_leaves_the_base_alone(importe: Importeur, session: Session, octets: bytes) -> None:
    assert importe(octets, code=1) == ""
    assert importe.stderr.strip().endswith(".")
    assert _count(session, Usager) == 0


def test_a_missing_file_and_a_missing_organisation_are_refused_in_words(
    runner: FlaskCliRunner, importe: Importeur
) -> None:
    resultat = runner.invoke(args=["usagers", "importer", "/nulle/part.csv", "--organisation", "1"])
    assert (resultat.exit_code, resultat.stderr) == (1, "Impossible de lire le fichier : il n’existe pas.\n")
    importe.org = 999
    importe("prenom;nom\nA;B\n", code=1)
    assert "999" in importe.stderr


def test_a_dash_is_standard_input(runner: FlaskCliRunner, org: int) -> None:
    args = ["usagers", "importer", "-", "--organisation", str(org)]
    resultat = runner.invoke(args=args, input="prenom;nom\nZoé;Dupré\n".encode())
    assert resultat.stdout == "1 importées, 0 rejetées, 0 doublons probables\n"


def test_simulated_it_says_the_same_and_writes_nothing(importe: Importeur, session: Session) -> None:
    texte = "prenom;nom;date_naissance\nZoé;Dupré;14/03/1984\nZoé;Dupré;14/03/1984\n;;x\n"
    simule = importe(texte, "--simuler")
    assert "rien n’a été écrit" in importe.stdout
    for table in (Usager, EntreeJournal, Doublon, Rattachement):
        assert _count(session, table) == 0
    assert importe(texte) == simule == "2 importées, 1 rejetées, 1 doublons probables"


def test_r34_a_dossier_that_the_organisation_has_or_that_comes_twice_is_already_imported(
    importe: Importeur, session: Session, org: int
) -> None:
    a_usager(session, org, numero_dossier="VA-1")
    survivant = a_usager(session, org, prenom="Luc")
    a_usager(session, org, numero_dossier="VA-2", fusionne_vers_id=survivant)
    ailleurs = an_organisation(session)
    a_usager(session, ailleurs, numero_dossier="VA-3")
    dernier = importe(
        "prenom;nom;numero_dossier\nZoé;Dupré;va-1\nAnne;Faure;VA-2\nIda;Blanc;VA-3\nUgo;Morin;VA-4\nEva;Picard;VA-4\n"
        "Yves;Adam;\nOmar;Noir;\n"
    )
    assert dernier == "4 importées, 3 rejetées, 0 doublons probables"
    assert importe.stderr.count("Déjà importé") == 3


def test_the_same_file_twice_creates_nothing_the_second_time(importe: Importeur, session: Session) -> None:
    texte = "prenom;nom;numero_dossier\nZoé;Dupré;1\nAnne;Faure;2\n"
    importe(texte)
    assert importe(texte, code=1) == "0 importées, 2 rejetées, 0 doublons probables"
    assert _count(session, Usager) == 2


def test_r26_a_responsable_is_a_living_fiche_of_the_organisation(
    importe: Importeur, session: Session, org: int
) -> None:
    mere = a_usager(session, org)
    fusionnee = a_usager(session, org, fusionne_vers_id=mere)
    ailleurs = a_usager(session, an_organisation(session))
    lignes = "".join(f"Zoé;Dupré{n};{n}\n" for n in (mere, fusionnee, ailleurs, 99_999))
    assert importe("prenom;nom;responsable_id\n" + lignes).startswith("1 importées, 3 rejetées")
    [lien] = session.scalars(select(LienProche)).all()
    assert (lien.responsable_id, lien.nature) == (mere, "familial")


def test_r0_a_probable_duplicate_becomes_a_pair_of_the_queue_and_nothing_is_attached(
    importe: Importeur, session: Session, org: int
) -> None:
    ancienne = a_usager(
        session,
        org,
        prenom="Emmanuel",
        nom="Lefèvre",
        date_naissance="1984-03-14",
        telephone="+33639981234",
        notif_sms=False,
    )
    dernier = importe("prenom;nom;date_naissance;telephone\nEmmanuel;LEFEVRE;14/03/1984;0639981234\n")
    assert dernier == "1 importées, 0 rejetées, 1 doublons probables"
    [paire] = session.scalars(select(Doublon)).all()
    assert (paire.usager_a_id, paire.origine, paire.etat) == (ancienne, "import", "ouvert")
    assert paire.niveau in ("certain", "probable")
    session.expire_all()
    fiche = session.get(Usager, ancienne)
    assert fiche is not None
    assert (fiche.version, fiche.notif_sms, fiche.fusionne_vers_id) == (1, False, None)


def test_a_line_is_also_compared_with_the_lines_before_it(importe: Importeur, session: Session) -> None:
    lignes = "Camille;Vernoux;02/05/1990\nCamile;Vernoux;02/05/1990\nPaul;Durand;01/01/1950\n"
    assert importe("prenom;nom;date_naissance\n" + lignes) == "3 importées, 0 rejetées, 1 doublons probables"
    assert _count(session, Doublon) == 1


def test_r10_a_fiche_of_another_organisation_is_a_pair_only_by_names_and_one_exact_datum(
    runner: FlaskCliRunner, session: Session, tmp_path: Path
) -> None:
    territoire = a_territoire(session)
    ici, voisin = (an_organisation(session, territoire_id=territoire) for _ in range(2))
    autre = an_organisation(session)
    for service in (voisin, autre):
        a_usager(session, service, prenom="Aldegonde", nom="Vuillermoz", date_naissance="1984-03-14")
    importe = Importeur(runner, tmp_path, ici)
    assert importe("prenom;nom\nAldegonde;Vuillermoz\n").endswith(" 0 doublons probables")
    dernier = importe("prenom;nom;date_naissance\nAldegonde;Vuillermoz;14/03/1984\n")
    assert int(dernier.split()[4]) >= 1
    presents = session.scalars(select(Rattachement.organisation_id).where(Rattachement.organisation_id == voisin)).all()
    assert len(presents) == 1


def test_r11_a_protected_fiche_is_never_told_by_an_import(
    runner: FlaskCliRunner, session: Session, tmp_path: Path
) -> None:
    territoire = a_territoire(session)
    ici, voisin = (an_organisation(session, territoire_id=territoire) for _ in range(2))
    a_usager(session, voisin, prenom="Aldegonde", nom="Vuillermoz", date_naissance="1984-03-14", protegee=True)
    importe = Importeur(runner, tmp_path, ici)
    dernier = importe("prenom;nom;date_naissance\nAldegonde;Vuillermoz;14/03/1984\n")
    assert dernier == "1 importées, 0 rejetées, 0 doublons probables"


EXEMPLE = Path(__file__).parent.parent / "data" / "usagers_exemple.csv"


def test_r34_the_sample_of_5000_lines_with_45_spoiled_ones(
    importe: Importeur, session: Session, tmp_path: Path
) -> None:
    rejets = tmp_path / "rejets.csv"
    dernier = importe(EXEMPLE.read_bytes(), "--rejets", str(rejets))
    assert dernier.startswith("4955 importées, 45 rejetées, ")
    assert int(dernier.split()[4]) > 400
    with rejets.open(encoding="utf-8", newline="") as fichier:
        motifs = [ligne["motif"] for ligne in csv.DictReader(fichier, delimiter=";")]
    assert sorted(motifs.count(motif) for motif in set(motifs)) == [3] * 15
    assert _count(session, Usager) == 4955
