"""A person as the matching sees one: what is typed, or what a fiche holds (PURE)."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Personne:
    """Clean values about one person; None or empty where nothing is known.

    `naissance` is ISO text with its precision ('1984-03-14', '1984-03', '1984'), phones are in
    E.164. `anciens_noms` holds (prénom, nom) of former names; former contacts stand among the others.
    """

    prenom: str | None = None
    nom: str | None = None
    nom_naissance: str | None = None
    naissance: str | None = None
    emails: tuple[str, ...] = ()
    telephones: tuple[str, ...] = ()
    adresse: str | None = None
    code_postal: str | None = None
    anciens_noms: tuple[tuple[str | None, str | None], ...] = ()
    nom_unique: bool = False  # has one name only (R1), rather than one that is not known yet

    @property
    def empty(self) -> bool:
        """Whether there is nothing to compare."""
        return not (self.surnames() or self.first_names() or self.naissance or self.emails or self.telephones)

    def surnames(self) -> tuple[str, ...]:
        """Every surname known, the one in use first."""
        noms = (self.nom, self.nom_naissance, *(nom for _, nom in self.anciens_noms))
        return tuple(nom for nom in noms if nom)

    def first_names(self) -> tuple[str, ...]:
        """Every first name known, the one in use first."""
        prenoms = (self.prenom, *(prenom for prenom, _ in self.anciens_noms))
        return tuple(prenom for prenom in prenoms if prenom)

    def with_former(
        self,
        noms: tuple[tuple[str | None, str | None], ...],
        emails: tuple[str, ...] = (),
        telephones: tuple[str, ...] = (),
    ) -> "Personne":
        """The same person with these former names and contacts besides."""
        return replace(
            self,
            anciens_noms=self.anciens_noms + noms,
            emails=self.emails + emails,
            telephones=self.telephones + telephones,
        )
