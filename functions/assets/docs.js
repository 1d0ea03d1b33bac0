"use strict";

// Swagger UI has no translations: its English texts are replaced as they appear.
const words = {
  "Try it out": "Essayer",
  "Cancel": "Annuler",
  "Reset": "Réinitialiser",
  "Execute": "Exécuter",
  "Clear": "Effacer la réponse",
  "Warning: Deprecated": "Opération obsolète",
  "Parameters": "Paramètres",
  "No parameters": "Aucun paramètre",
  "Name": "Nom",
  "Example": "Exemple",
  "Available values": "Valeurs possibles",
  "Default value": "Valeur par défaut",
  "Request body": "Corps de la requête",
  "Example Value": "Exemple",
  "Edit Value": "Modifier la valeur",
  "Schema": "Schéma",
  "Examples": "Exemples",
  "Responses": "Réponses",
  "Media type": "Type de contenu",
  "Controls": "Fixe l’en-tête",
  "header.": "de la requête.",
  "Headers:": "En-têtes :",
  "Server response": "Réponse du serveur",
  "Details": "Détails",
  "Undocumented": "Non documentée",
  "Response body": "Corps de la réponse",
  "Response headers": "En-têtes de la réponse",
  "Request URL": "URL de la requête",
  "Request duration": "Durée de la requête",
  "Snippets": "Ligne de commande",
  "Download": "Télécharger",
  "Schemas": "Schémas",
  "Expand all": "Tout déplier",
  "Collapse all": "Tout replier",
  "Any of": "Au moins un parmi",
  "One of": "Un seul parmi",
  "Items": "Éléments",
  "Default": "Valeur par défaut",
  "Enum": "Valeurs possibles",
  "deprecated": "obsolète",
  "Authorize": "S’authentifier",
  "Authorized": "Authentifié",
  "Available authorizations": "Authentification",
  "Value:": "Jeton :",
  "Logout": "Oublier le jeton",
  "Close": "Fermer",
  "Apply credentials": "S’authentifier",
  "Remove authorization": "Oublier le jeton",
  "authorization button locked": "Authentifié : changer de jeton",
  "authorization button unlocked": "S’authentifier",
  "auth-bearer-value": "Jeton",
  "Servers": "Serveurs",
  "Copy to clipboard": "Copier",
  "Expand operation": "Déplier",
  "Collapse operation": "Replier",
  "Media Type": "Type de contenu",
  "Request content type": "Type de contenu de la requête",
  "Errors": "Erreurs",
  "Failed to load API definition.": "La description de l’API n’a pas pu être chargée.",
  "Unable to render this definition": "Cette description ne peut pas être affichée",
  "Please correct the following validation errors and try again.": "Corrigez ces erreurs, puis recommencez.",
  "Required field is not provided": "Ce champ est obligatoire",
  "Value must be a number": "Un nombre est attendu",
  "Value must be an integer": "Un entier est attendu",
  "Value must be a Guid": "Un UUID est attendu",
};
const shapes = [
  [/^(.+) characters?$/, "$1 caractères"],
  [/^(.+) items$/, "$1 éléments"],
  [/^For '(.+)': Required field is not provided\.$/, "Le champ $1 est obligatoire."],
  [/^For '(.+)': Value must be .+$/, "Le champ $1 est invalide."],
  [/^Value must follow pattern .+$/, "Format invalide"],
  [/^Value must be less than or equal to (.+)$/, "Au plus $1"],
  [/^Value must be greater than or equal to (.+)$/, "Au moins $1"],
  [/^Value must be no longer than (\d+) characters?$/, "Au plus $1 caractères"],
  [/^Value must be at least 1 characters?$/, "Au moins 1 caractère"],
  [/^Value must be at least (\d+) characters?$/, "Au moins $1 caractères"],
];

// Texts of the document and of the API are not translated, even if they read like a label.
const data = "pre.microlight, pre code, textarea, option, .markdown, .info .title, .opblock-tag, .opblock-summary-path, "
  + ".opblock-summary-description, div.parameter__name, .json-schema-2020-12__title, "
  + ".json-schema-2020-12-json-viewer__value, .json-schema-2020-12-json-viewer-children";
// Labels inside of those places.
const labels = ".parameter__enum i, .parameter__default i, .json-schema-2020-12-keyword__name";

function french(text) {
  const bare = text.trim();
  if (Object.hasOwn(words, bare)) return text.replace(bare, () => words[bare]);
  for (const [shape, to] of shapes) if (shape.test(bare)) return bare.replace(shape, to);
  return text;
}

// Nodes are changed in place, because React keeps references to them. It writes to them again only if its own
// text changes.
function translateText(node) {
  const parent = node.parentElement;
  if (!parent || (parent.closest(data) && !parent.matches(labels))) return;
  const to = french(node.data);
  if (to !== node.data) node.data = to;
}

const attributes = ["aria-label", "title"];
function translateAttributes(element) {
  for (const name of attributes) {
    const from = element.getAttribute(name);
    if (from && french(from) !== from) element.setAttribute(name, french(from));
  }
}

// The examples of a failure appear after a click on its status: shown all at once, they fill several screens.
function fold(root) {
  if (!root.querySelectorAll) return;
  for (const status of root.querySelectorAll(".response[data-code]:not([data-code^='2']) > .response-col_status")) {
    if (status.closest(".live-responses-table") || status.ariaExpanded) continue;
    status.tabIndex = 0;
    status.role = "button";
    status.ariaExpanded = "false";
  }
}

function toggle(event) {
  const status = event.target.closest(".response-col_status[aria-expanded]");
  if (!status || (event.type === "keydown" && event.key !== "Enter" && event.key !== " ")) return;
  event.preventDefault();
  status.ariaExpanded = String(status.ariaExpanded === "false");
}

function translate(root) {
  const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let node = root; node; node = walk.nextNode()) {
    if (node.nodeType === Node.TEXT_NODE) translateText(node);
    else if (node.nodeType === Node.ELEMENT_NODE) translateAttributes(node);
  }
}

// DOMPurify, inside the bundle, has sanitized all HTML that comes here. There is no policy for the text or the
// address of a script, so the browser refuses both.
window.trustedTypes?.createPolicy("default", { createHTML: (html) => html });

const dark = matchMedia("(prefers-color-scheme: dark)");
const darken = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", darken);
darken();

const page = document.getElementById("docs");

// Our own changes are observed once more and change nothing then, because no French label is also an English one.
new MutationObserver((changes) => {
  for (const { type, target, addedNodes } of changes) {
    if (type === "childList") addedNodes.forEach((node) => (translate(node), fold(node)));
    else if (type === "characterData") translateText(target);
    else translateAttributes(target);
  }
}).observe(page, { subtree: true, childList: true, characterData: true, attributeFilter: attributes });

page.addEventListener("click", toggle);
page.addEventListener("keydown", toggle);

// Swagger UI composes the line above a failed response in English.
const frenchFailures = () => ({
  statePlugins: {
    spec: {
      wrapActions: {
        setResponse: (original) => (path, method, answer) => {
          if (answer.error && answer.err) {
            const { status } = answer.err.response ?? {};
            answer.err.name = "";
            answer.err.message = status ? `L’API a répondu ${status}.` : "L’API n’a pas répondu : vérifiez la connexion, puis recommencez.";
          }
          return original(path, method, answer);
        },
      },
    },
  },
});

// Requests go to the host that served the page: its policy allows no other.
function atThisAddress(text) {
  if (!text) return text;
  const url = new URL(".", location.href).href.replace(/\/$/, "");
  return JSON.stringify({ ...JSON.parse(text), servers: [{ url }] });
}

const ownAddress = () => ({
  statePlugins: { spec: { wrapActions: { updateSpec: (original) => (text) => original(atThisAddress(text)) } } },
});

SwaggerUIBundle({
  domNode: page,
  url: "openapi.json",
  layout: "BaseLayout",
  plugins: [frenchFailures, ownAddress],
  deepLinking: true,
  docExpansion: "list",
  displayRequestDuration: true,
  requestSnippetsEnabled: true,
  persistAuthorization: false,
  // The validator is another host, which must not learn of this API.
  validatorUrl: null,
});
