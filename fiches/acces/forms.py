"""Forms of sign-in."""

from wtforms import Form, PasswordField, StringField, ValidationError

from fiches.acces.mots_de_passe import LONGUEUR_MAXIMALE, LONGUEUR_MINIMALE

# The head of the published lists of common passwords, of those long enough to be typed here.
MOTS_DE_PASSE_COURANTS = frozenset(
    {
        "motdepasse123",
        "azertyuiop12",
        "azertyuiop123",
        "123456789012",
        "1234567890123",
        "password1234",
        "passwordpassword",
    }
)


class ConnexionForm(Form):  # type: ignore[misc]
    """Signing in."""

    email = StringField("Adresse e-mail")
    mot_de_passe = PasswordField("Mot de passe")


class MotDePasseForm(Form):  # type: ignore[misc]
    """Choosing a password."""

    mot_de_passe = PasswordField("Nouveau mot de passe")
    confirmation = PasswordField("Le même, une seconde fois")

    def validate_mot_de_passe(self, field: PasswordField) -> None:
        """Long enough, and none that everybody tries first."""
        mot = field.data or ""
        if len(mot) < LONGUEUR_MINIMALE:
            raise ValidationError(f"Ce mot de passe est trop court : {LONGUEUR_MINIMALE} caractères au moins.")
        if len(mot) > LONGUEUR_MAXIMALE:
            raise ValidationError(f"Ce mot de passe est trop long : {LONGUEUR_MAXIMALE} caractères au plus.")
        if mot.lower() in MOTS_DE_PASSE_COURANTS or len(set(mot)) < 4:
            raise ValidationError("Ce mot de passe est trop facile à deviner.")

    def validate_confirmation(self, field: PasswordField) -> None:
        """Typed twice alike."""
        if field.data != self.mot_de_passe.data:
            raise ValidationError("Les deux mots de passe ne sont pas les mêmes.")
