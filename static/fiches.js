/* What htmx does not do by itself; everything works without this file too. */

const body = document.body;

// A live request that never reached the server says so; what was typed stays where it is.
document.addEventListener("htmx:error", () => body.classList.add("est-hors-ligne"));
document.addEventListener("htmx:after:request", () => body.classList.remove("est-hors-ligne"));
window.addEventListener("online", () => body.classList.remove("est-hors-ligne"));

// After a refused form the summary of errors takes the focus, so that it is read first.
document.querySelector("[data-resume-erreurs]")?.focus();

// A page made to be printed offers it; the browser's own menu does without this.
for (const bouton of document.querySelectorAll("[data-imprimer]")) {
  bouton.hidden = false;
  bouton.addEventListener("click", () => window.print());
}

// What changed beside the form is said aloud, without moving the focus (R8).
const annonce = document.getElementById("annonce");
if (annonce)
  document.addEventListener("htmx:after:swap", () => {
    const texte = document.querySelector("[data-annonce]")?.dataset.annonce ?? "";
    if (annonce.textContent !== texte) annonce.textContent = texte;
  });

// What is searched for is kept in the tab, not in the address (R12); leaving clears it.
const connexion = document.querySelector("[data-connexion]");
if (connexion && !connexion.querySelector("[name=suite]")) sessionStorage.clear();

// A form that was sent when the session had ended is given back after signing in.
const saisie = document.getElementById("formulaire-usager");
const brouillon = "brouillon " + location.pathname;
if (saisie && !document.querySelector("[data-resume-erreurs]")) giveBack(sessionStorage.getItem(brouillon));
if (!connexion)
  for (const cle of Object.keys(sessionStorage)) if (cle.startsWith("brouillon ")) sessionStorage.removeItem(cle);
saisie?.addEventListener("submit", () => {
  const perso = ([nom]) => !["csrf_token", "autre_personne", "candidats"].includes(nom);
  sessionStorage.setItem(brouillon, JSON.stringify([...new FormData(saisie)].filter(perso)));
});

function giveBack(garde) {
  for (const [nom, valeur] of JSON.parse(garde ?? "[]"))
    for (const champ of saisie.querySelectorAll(`[name="${CSS.escape(nom)}"]`))
      if (champ.type === "checkbox" || champ.type === "radio") champ.checked = champ.value === valeur;
      else if (champ.type !== "hidden" || nom === "version") champ.value = valeur;
  if (garde) setTimeout(() => saisie.querySelector("#nom").dispatchEvent(new Event("input", { bubbles: true })), 50);
}

window.addEventListener("pageshow", () => {
  const recherche = document.querySelector("input[data-garder]");
  if (!recherche) return;
  const cle = "recherche " + location.pathname;
  recherche.addEventListener("input", () => sessionStorage.setItem(cle, recherche.value));
  const garde = sessionStorage.getItem(cle);
  if (!garde || new URLSearchParams(location.search).has("q")) return;
  recherche.value = garde;
  setTimeout(() => recherche.dispatchEvent(new Event("input", { bubbles: true }))); // htmx starts in a timer too
});
