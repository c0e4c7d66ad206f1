"""First names and what they are also written as (PURE): short forms, and spellings of one name.

Common knowledge, one line per first name: « the name: its other forms ». A form may belong to
several first names (Alex); the first one listed is taken inside a compound (Jean-Phi).
"""

_TABLE = """
adelaide: adele ade
abdallah: abdellah abdoulah abdoulaye abdoullah
abdelkader: abdel kader abdelqader
abderrahmane: abdelrahman abderahmane abdourahmane
ahmed: ahmad amed
aicha: aisha aissa
aissatou: aissata aichatou
alain: allain alin
alexandra: alex sandra alexa
alexandre: alex sacha alexander
alexis: alex
amelie: mel amel
anthony: antho antony tony anthoni
antoine: toine anto tony
arnaud: arno arnault
aurelie: aurel lili
aurelien: aurel
beatrice: bea
benjamin: ben benji
benoit: ben
bernadette: bernie nadette
bernard: nanard bernie
bertrand: bebert
brigitte: bri gigi
caroline: caro carole
catherine: cathy katy cathie kathy cath katherine catarina
charles: charlie charly carlo
charlotte: charlie cha lotte
christelle: chris cricri christel kristelle
christian: chris
christiane: chris cricri
christine: chris titine kristine
christophe: chris tophe christof kristof
clementine: clem
clement: clem
corinne: coco corine
cyril: cyrille cyr
daniel: dany dani
danielle: dany daniele
david: dave davy
delphine: del
didier: did
dominique: dom domi
dorothee: doro
edouard: ed doudou edward
eleonore: leo nono
elisabeth: babeth babette lisbeth zabeth beth liz elizabeth betty
elodie: elo
emilie: emi mimi emily
emmanuel: manu emanuel
emmanuelle: manu manue emma emanuelle
eric: ricou erik erick
estelle: stella
etienne: tienne
eugenie: genie nini
evelyne: eve
fabien: fab
fabienne: fab
fabrice: fab
fatima: fatma fatim fatime
fatoumata: fatou fatimata
fatiha: fatia
florence: flo
florent: flo
florian: flo
francis: fran
franck: frank
francois: fanch
francoise: fanfan soizic
frederic: fred fredo frederick
frederique: fred frede
gabriel: gab gaby
gabrielle: gab gaby gabriele
genevieve: gene ginette vivi
georges: jo jojo george
gerard: gege
gilbert: gil
gilles: gil
giuseppe: guiseppe beppe
gregory: greg
guillaume: guigui guillem
guy: guitou
helene: leni
henri: riri henry
herve: vev
ibrahim: brahim ibrahima ibra
isabelle: isa bella isabel zaza
jacqueline: jackie line jacotte
jacques: jacky jacquot
jamel: djamel jamal djamal
jamila: djamila
jean: jeannot
jeanbaptiste: jb jeanba
jeanchristophe: jc jeanchris
jeanclaude: jc jeanclo
jeanfrancois: jf jeff jeanfr
jeanjacques: jj
jeanlouis: jl jeanlou
jeanluc: jl
jeanmarc: jm jeanma
jeanmarie: jm jeanma
jeanmichel: jm jeanmi
jeanpaul: jp
jeanphilippe: jp jeanphi
jeanpierre: jp jeanpi
jeanyves: jy
jeanne: jeannette jeanneton janou
jennifer: jenny jen jenn
jeremie: jerem jeremy
jerome: gerome
jessica: jess
joel: jo
joelle: jo
jonathan: john joe jon johnathan
joseph: jo jojo
josephine: jo josie fine
josette: josy
josiane: josy jo
julie: ju juju
julien: ju juju
juliette: ju juju
karim: krim kerim
karine: karin carine
khadija: khadidja kadija kadidja hadija
laetitia: leti letitia laeti
latifa: latefa
laura: lau
laurence: lolo lau
laurent: lolo lau
leila: leyla layla
leon: leo
leonard: leo
leonie: leo
leopold: leo
lionel: lio
louis: loulou lou
louise: loulou lou
lucie: lulu lucy
lucien: lulu
ludovic: ludo
madeleine: mado mad madou
magali: maga magaly
malika: malica
marc: marco mark
marguerite: margot maggy guite
marie: mimi maria mary
marieclaude: marieclo mc
mariefrance: mf
mariechristine: mc
marieline: marilyn maryline
marietherese: maite mt
marine: marinou
martine: titine
mathieu: mat matt matthieu mathieux
mathilde: mat
maxime: max
maximilien: max
michael: mike mick mickael mikael mickey mikhael
michel: mich mimi michou
micheline: mimi miche
michele: miche mimi michelle
mireille: mimi
mohamed: mohammed mohamad muhammad mouhamed muhammed mehmet moh momo med mouhammad mohammad
monique: momo mona
mustapha: moustapha mustafa moustafa mous
myriam: mimi miriam meriem mariam maryam meryem mariame
nadege: nad
nadia: nad nadya
nassima: nacima
nathalie: nath nat natalie
nathan: nat
nicolas: nico nicola colas nikola
nicole: nico
olivier: olive oli
oumar: omar umar
pascal: pasco
pascale: pasco
patrice: pat
patricia: pat patou
patrick: pat patoche
paul: paulo
paulette: popo
philippe: phil philou fifi
pierre: pierrot
rachid: rashid
raphael: raph rafael
raymond: ray
rebecca: becky
rene: nene
robert: bob bobby
roger: rog
roland: rolland
romain: rom
said: saeid sayd
samira: sami
samuel: sam
sandrine: sandra sand
sarah: sara
sebastien: seb bastien
severine: sev
simone: mone
solange: sol
sophie: soso sofie
stanislas: stan
stephane: steph stef stephan
stephanie: steph stef
suzanne: suzie suzon zaza suzy
sylvain: syl
sylvie: syl
theodore: theo
theophile: theo
therese: tete
thierry: titi tierry
thomas: tom tommy
tiphaine: tiff tiphanie tiffany
valentin: val
valentine: val
valerie: val valou
vanessa: van vaness
veronique: vero
victor: vic
victoria: vic vicky
vincent: vince vinz
virginie: virg nini gini
xavier: xav
yann: yannick yan
yasmine: yasmina jasmine
youssef: youcef yousef yussuf youssouf yusuf yousouf
yvonne: vonvon
yvette: vette
zineb: zeineb zaineb zaynab zainab
zohra: zora zhora
"""


def _read(table: str) -> dict[str, tuple[str, ...]]:
    formes: dict[str, dict[str, None]] = {}
    for ligne in table.strip().splitlines():
        nom, _, autres = ligne.partition(":")
        for forme in (nom, *autres.split()):
            formes.setdefault(forme, {})[nom] = None
    return {forme: tuple(noms) for forme, noms in formes.items() if tuple(noms) != (forme,)}


# A written form → the first names that it may stand for; a name that stands for itself is left out.
FORMES = _read(_TABLE)
