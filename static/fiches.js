/* What htmx does not do by itself; everything works without this file too. */

const body = document.body;

// A live request that never reached the server says so; what was typed stays where it is.
document.addEventListener("htmx:error", () => body.classList.add("est-hors-ligne"));
document.addEventListener("htmx:after:request", () => body.classList.remove("est-hors-ligne"));
window.addEventListener("online", () => body.classList.remove("est-hors-ligne"));

// After a refused form the summary of errors takes the focus, so that it is read first.
document.querySelector("[data-resume-erreurs]")?.focus();

// What changed beside the form is said aloud, without moving the focus (R8).
const annonce = document.getElementById("annonce");
if (annonce)
  document.addEventListener("htmx:after:swap", () => {
    const texte = document.querySelector("[data-annonce]")?.dataset.annonce ?? "";
    if (annonce.textContent !== texte) annonce.textContent = texte;
  });

// What is searched for is kept in the tab, not in the address (R12); signing in clears it.
if (document.querySelector("[data-connexion]")) sessionStorage.clear();
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
