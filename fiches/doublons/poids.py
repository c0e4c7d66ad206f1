"""What each level of likeness is worth, and how common names are (PURE): the numbers of the score.

Each row says how often a level is seen between two fiches of one person (`double`), between two
members of one household (`foyer`), and between two people brought together by chance (`hasard`).
Sources: [E] how often each error of R6 is expected when a form is typed a second time; [M] what
members of a household share (most a surname, many a phone; some 3 births in 100 are twins');
[D] 75 years × 365 days of possible birth dates; [J] judgement. None is measured on real fiches:
they were reasoned, then checked by kind of error in an imaginary population (`benchmarks.erreurs`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fiches.doublons.comparisons import Niv


@dataclass(frozen=True, slots=True)
class Poids:
    """How likely a level is in each of the three cases."""

    double: float
    foyer: float
    hasard: float


# Out of the fiches of a territoire: how many are of the same person, and of the same household.
DOUBLES_PAR_PERSONNE = 0.12
PROCHES_PAR_PERSONNE = 1.2
FICHES_MINIMUM = 2_000  # a base that has just begun is judged as if it had this many

SEUIL_PROBABLE = 0.80
SEUIL_POSSIBLE = 0.006

_RIEN = Poids(1.0, 1.0, 1.0)  # unknown: neither for nor against

# For names `hasard` is a floor: the frequency of the name counts where it is greater (R7).
NOM: Mapping[Niv, Poids] = {
    Niv.EGAL: Poids(0.80, 0.70, 0.0),  # [E] [M]
    Niv.SON: Poids(0.04, 0.004, 0.0008),  # [E]
    Niv.FAUTE: Poids(0.05, 0.004, 0.0015),  # [E]
    Niv.FAUTES: Poids(0.015, 0.003, 0.004),  # [J]
    Niv.PARTIE: Poids(0.04, 0.03, 0.0010),  # [E] children often bear both names of a couple
    Niv.DIFFERENT: Poids(0.012, 0.23, 1.0),  # [M] marriage, with neither birth name written down
    Niv.INCONNU: _RIEN,
}
# Equal through a birth or former name on one side (R6).
AUTRE_NOM = Poids(0.035, 0.02, 0.0003)
AUTRE_NOM_PROCHE = Poids(0.004, 0.002, 0.002)

PRENOM: Mapping[Niv, Poids] = {
    Niv.EGAL: Poids(0.80, 0.008, 0.0),  # [M] a father and son of one name
    Niv.SON: Poids(0.05, 0.004, 0.002),  # [E]
    Niv.SURNOM: Poids(0.04, 0.001, 0.003),  # [J]
    Niv.FAUTE: Poids(0.06, 0.002, 0.004),  # [E] one of the two is no known name
    Niv.PARTIE: Poids(0.03, 0.004, 0.008),  # [J] Jean-Marc, son of Jean
    Niv.FAUTES: Poids(0.015, 0.015, 0.012),  # [J]
    Niv.DIFFERENT: Poids(0.006, 0.95, 1.0),  # [J] another first name in use
    Niv.INCONNU: _RIEN,
}
# Two first names that both exist and look alike (Lina, Léna; Joël, Joëlle): siblings as often as typos.
DEUX_PRENOMS = Poids(0.004, 0.02, 0.006)
# Two common surnames that look alike (Martin, Marin).
DEUX_NOMS = 0.35  # × `double`

INVERSES = Poids(0.03, 0.0004, 1.0)  # nom and prénom exchanged, × the levels found across

NAISSANCE: Mapping[Niv, Poids] = {
    Niv.EGAL: Poids(0.86, 0.010, 1 / 27_000),  # [D] [M] twins
    Niv.INVERSE: Poids(0.03, 0.0005, 1 / 27_000),  # [E] never above an equal date, in a household either
    Niv.FAUTE: Poids(0.06, 0.008, 0.003),  # [E] [D]
    Niv.ANNEE: Poids(0.015, 0.03, 0.013),  # [D]
    Niv.PARTIEL: Poids(0.96, 0.02, 0.014),  # [D]
    Niv.DIFFERENT: Poids(0.02, 0.95, 0.97),  # [J]
    Niv.INCONNU: _RIEN,
}
PREMIER_JANVIER = Poids(0.86, 0.04, 0.01)  # equal, but written where the day is not known

EMAIL: Mapping[Niv, Poids] = {
    Niv.EGAL: Poids(0.55, 0.25, 1e-6),  # [M] couples and parents share mailboxes
    Niv.FAUTE: Poids(0.06, 0.01, 0.0003),  # [E]
    Niv.DIFFERENT: Poids(0.40, 0.74, 1.0),  # [J] people have several
    Niv.INCONNU: _RIEN,
}
TELEPHONE: Mapping[Niv, Poids] = {
    Niv.EGAL: Poids(0.60, 0.35, 1e-6),  # [M]
    Niv.FAUTE: Poids(0.06, 0.006, 0.0001),  # [E]
    Niv.DIFFERENT: Poids(0.35, 0.60, 1.0),  # [J]
    Niv.INCONNU: _RIEN,
}
CONTACT_FAMILIAL = 2  # fiches that may share a contact before each more makes it weaker (R7)
FOYER_MAXIMUM = 6  # and before it says nothing about who it is

ADRESSE = Poids(0.60, 0.80, 0.0005)  # equal; another one says nothing, people move
NOMS_NAISSANCE_DIFFERENTS = Poids(0.06, 0.60, 1.0)  # both known; [M]
LIES = Poids(0.002, 0.40, 0.0001)  # one is the other's proche or responsable

# --- how common a name is -----------------------------------------------------------------

# The most borne names of France and of those who come to its services, from common knowledge of
# INSEE's lists; only the order of size matters, and the base's own counts soon outweigh it.
_NOMS = """
martin bernard thomas petit robert richard durand dubois moreau laurent simon michel lefebvre leroy roux david
bertrand morel fournier girard bonnet dupont lambert fontaine rousseau vincent muller lefevre faure andre mercier
blanc guerin boyer garnier chevalier francois legrand gauthier garcia perrin robin clement morin nicolas henry
roussel mathieu gautier masson marchand duval denis dumont marie lemaire noel meyer dufour meunier brun blanchard
giraud joly riviere lucas brunet gaillard barbier arnaud martinez gerard roche renard schmitt roy leroux colin vidal
caron picard roger fabre aubert lemoine renaud dumas lacroix olivier philippe bourgeois pierre benoit rey leclerc
rolland leclercq guillaume lecomte lopez jean dupuy guillot hubert berger carpentier sanchez dupuis moulin louis
deschamps huet vasseur perez boucher fleury royer klein jacquet adam paris poirier marty aubry guyot carre charles
renault charpentier menard maillard baron bertin bailly herve schneider fernandez legall collet leger bouvier julien
prevost millet perrot daniel cousin germain breton besson langlois remy legoff pelletier leveque dasilva pereira
ferreira fernandes rodrigues goncalves dossantos nguyen tran pham diallo traore diop ba barry bah sow camara keita
cisse coulibaly kone sylla fofana ndiaye fall toure konate sissoko benali ali ahmed mohamed hassan singh yilmaz
hamidi saidi bouzid belkacem brahimi amrani alaoui idrissi cherif rahmani slimani
"""
_PRENOMS = """
marie jean pierre michel andre philippe rene louis alain jacques bernard marcel daniel roger robert paul claude
christian henri georges nicolas francois patrick gerard christophe joseph julien maurice laurent frederic eric david
stephane pascal sebastien alexandre thierry olivier antoine raymond guy dominique charles didier guillaume lucas
thomas hugo nathan gabriel arthur jules adam raphael leo ethan noah louise emma jade chloe lea manon camille lina
ines sarah eva alice lola anna julia zoe jeanne nathalie isabelle sylvie catherine martine christine francoise
valerie sandrine veronique stephanie monique sophie celine patricia anne brigitte annie jacqueline nicole chantal
christiane julie aurelie laurence denise michele simone suzanne yvonne madeleine germaine marguerite jeannine
pauline mathilde marion laura lucie elodie audrey emilie caroline virginie florence corinne mohamed ahmed ali ibrahim
youssef karim mehdi rachid said mustapha abdallah omar hassan fatima khadija aicha nadia samira malika yasmine amina
mariam fatoumata aminata mamadou ibrahima moussa ousmane amadou maria jose manuel antonio anthony kevin maxime romain
mathieu clement benjamin florian alexis jeremy quentin vincent jerome cedric fabrice gilles bruno marc denis benoit
emmanuel samuel simon theo enzo tom lena leon leonie mila louane noe noam timeo maelys maelle lilou lily lise elise elsa
ella emmy emilia eleonore margaux margot romane rose agathe charlotte clara clarisse juliette justine oceane morgane
marine marina marianne maryam myriam meriem sabrina sabine sofia safia sonia soraya nora nour nina ninon mina amine
amina yasmina yacine yanis yann yannis ilyes ilyas elias eliott elliot eden aaron ayoub anas anais axel alexandra
alexia alix aline alison danielle gabrielle michele frederique joel joelle noel noelle pascale valentin valentine
martin martine denise francis dominic emmanuelle raphaelle daniele renee andree marcelle lucien lucienne julien
julienne fabien fabienne adrien adrienne aurelien vivien viviane yvan yves yvette josiane josette odette odile
colette arlette paulette ginette georgette claudine claudette bernadette jacky joris johan yohan yoan loic louisa
louison mathis mathys mateo matteo malo maelo killian kylian rayan ryan nael naim nahel nadir nadira samir samia
salma selma karima rachida saida khaled khalid walid hamid hamida farid farida nabil nabila jamal jamila
djamila kamel kamal malik fatiha latifa zineb zohra sofiane soufiane bilal hicham hakim hakima said souad salim salima
"""

PART_NOM_COURANT, PART_NOM_RARE = 0.0012, 0.00006
PART_PRENOM_COURANT, PART_PRENOM_RARE = 0.006, 0.0005
POIDS_NATIONAL = 1_000  # fiches that the national shares count for, beside those of the base
USAGES_ETABLI = 3  # fiches from which a name of the base is no typing error
PART_ETABLIE = 0.00005  # and this share of them, in a large base

NOMS_COURANTS = frozenset(_NOMS.split())
PRENOMS_COURANTS = frozenset(_PRENOMS.split())


@dataclass(frozen=True)
class Frequences:
    """How often words are used in the territoire. `contacts`: how many people hold an e-mail or
    phone key; `fiches`: how many there are."""

    fiches: int = 0
    mots: Mapping[str, int] = field(default_factory=dict)
    contacts: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def share_of_surname(self, mot: str) -> float:
        """The share of people who bear this surname; the base and the country weigh in."""
        return self._share(mot, PART_NOM_COURANT if mot in NOMS_COURANTS else PART_NOM_RARE)

    def share_of_first_name(self, mot: str) -> float:
        """The share of people who bear this first name."""
        return self._share(mot, PART_PRENOM_COURANT if mot in PRENOMS_COURANTS else PART_PRENOM_RARE)

    def is_established(self, mot: str) -> bool:
        """Whether so many bear this name that it is no typing error."""
        usages = self.mots.get(mot, 0)
        if usages >= max(USAGES_ETABLI, PART_ETABLIE * self.fiches):
            return True
        return mot in PRENOMS_COURANTS or mot in NOMS_COURANTS

    def _share(self, mot: str, nationale: float) -> float:
        # One use is the fiche's own.
        usages = max(0, self.mots.get(mot, 0) - 1)
        return (usages + POIDS_NATIONAL * nationale) / (self.fiches + POIDS_NATIONAL)


RARES = Frequences()
