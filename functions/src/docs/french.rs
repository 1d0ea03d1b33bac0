//! The French texts of the OpenAPI document.

pub(super) mod batch;

use serde_json::{Value, json};

pub(super) const API: &str = "Registre des clients, de leurs sites et des équipements qui y sont installés.

Rien n’est jamais effacé : `DELETE` désactive une entité et `reactivate` la réactive. Ces deux opérations peuvent être \
répétées sans risque.

Pour de nombreuses écritures, `POST /lot` exécute jusqu’à 1 000 opérations en une requête.

Les entités sont listées de la plus ancienne à la plus récente ; les versions d’un historique, de la plus récente à la \
plus ancienne. S’il reste des éléments après une page, l’en-tête `Link` contient l’URL de la page suivante. En suivant \
ces liens, vous recevez exactement une fois chaque entité présente pendant toute la lecture, même si le registre change \
entre-temps. Une page peut contenir moins d’éléments que `limit`, voire aucun : seule l’absence de `Link` indique la \
fin de la liste.";

pub(super) const TAGS: [(&str, &str); 4] = [
    ("Clients", "Les clients et leurs codes."),
    ("Sites", "Les lieux où sont installés les équipements d’un client."),
    ("Equipements", "Les équipements installés sur un site."),
    ("Lot", "Plusieurs opérations en une requête."),
];

pub(super) const TOKEN: &str = "Un jeton (JWT) de portée (`scope`) `parc/read` pour lire, `parc/write` pour écrire.";

/// Example of an entity tag.
pub(super) const EXAMPLE_TAG: &str = "\"1-d257f8db3dc1bc8806464dfb22108f6b\"";

/// Example of an `Idempotency-Key`.
pub(super) const EXAMPLE_KEY: &str = "7b0c2f5e-6a3d-4a57-9a55-0c5d6f1f2e11";

pub(super) const REQUEST_ID: &str = "L’identifiant de la requête, à indiquer dans toute demande d’assistance.";

pub(super) const LINK: &str = "L’URL de la page suivante, sous la forme `</clients/all?limit=50&cursor=…>; rel=\"next\"`. \
                               Cet en-tête est absent de la dernière page.";

pub(super) const ETAG: &str = "L’`ETag` de la réponse, à transmettre dans `If-None-Match`. Celui d’une entité commence par le \
                               numéro de version de celle-ci et peut aussi être transmis dans `If-Match`.";

pub(super) const CURRENT_ETAG: &str = "L’`ETag` actuel de l’entité, à transmettre dans `If-Match` après relecture.";

pub(super) const REPLAYED: &str =
    "`true` si une requête identique a déjà réussi avec cette clé : la première réponse est renvoyée à l’identique.";

pub(super) const RETRY_AFTER: &str = "Le nombre de secondes à attendre avant de répéter la requête.";

pub(super) const fn status(status: u16) -> &'static str {
    match status {
        200 => "Succès.",
        304 => "La réponse est identique à celle que désigne `If-None-Match` ; le corps est vide.",
        400 => "Le corps est mal encodé, trop imbriqué ou contient un entier trop long.",
        401 => "Le jeton est absent, expiré ou non reconnu.",
        403 => "Le jeton n’a pas la portée requise.",
        404 => "L’entité désignée n’existe pas.",
        409 => "L’opération est impossible dans l’état actuel du registre ; rien n’a été modifié.",
        412 => "L’entité a changé depuis la version indiquée par `If-Match` ; rien n’a été modifié.",
        413 => "Le corps dépasse la taille maximale, qu’indique `detail`.",
        422 => {
            "Le corps n’est pas un JSON valide, ou des champs, des paramètres ou des en-têtes sont refusés ; chacun est \
             signalé."
        }
        429 => "Trop de requêtes simultanées.",
        503 => "Le registre est momentanément indisponible ; la requête peut être répétée.",
        _ => "Erreur interne.",
    }
}

/// Returns the example's name of an invalid request whose first violation has this type and location.
pub(super) fn refusal(violation: &Value) -> &'static str {
    match (violation["type"].as_str(), violation["loc"][0].as_str()) {
        (Some("idempotency_key_reused"), _) => "Clé déjà utilisée",
        (Some("atomic_too_long"), _) => "Le lot ne tient pas dans une transaction",
        (_, Some("header")) => "En-tête refusé",
        (_, Some("query")) => "Paramètre refusé",
        _ => "Champs refusés",
    }
}

/// Returns the description of a parameter, and an example.
pub(super) fn parameter(name: &str, in_query: bool) -> Option<(&'static str, Value)> {
    if let Some(description) = batch::parameter(name) {
        return Some((description, Value::Null));
    }
    let description = match name {
        "status" => "Limite la liste aux entités de ce statut.",
        "code" => "Limite la liste au client qui a ce code.",
        "nom" => {
            "Limite la liste aux entités dont le nom commence par ce texte, sans tenir compte de la casse, des accents ni \
             des ligatures."
        }
        "limit" => {
            "Le nombre maximal d’éléments par page, de 1 à 1 000. Par défaut, 100 pour un historique ; pour les autres \
             listes, autant qu’une réponse peut en contenir."
        }
        "If-None-Match" => {
            "L’`ETag` d’une réponse déjà reçue. Si rien n’a changé depuis, la réponse est un 304 sans corps."
        }
        "If-Match" => {
            "L’`ETag` de l’entité telle que vous l’avez lue. Si elle a changé depuis, la réponse est un 412 et rien n’est \
             modifié. Sans cet en-tête, la dernière écriture l’emporte."
        }
        "Idempotency-Key" => {
            "Une clé de votre choix, propre à chaque écriture. Si une requête réussie est répétée avec la même clé dans les \
             24 heures, la première réponse est renvoyée et rien n’est exécuté de nouveau : après une coupure de \
             connexion, vous pouvez donc répéter la requête sans risque."
        }
        "client_id" if in_query => "Limite la liste aux sites de ce client.",
        "site_id" if in_query => "Limite la liste aux équipements de ce site.",
        "cursor" => "Le curseur figurant dans l’URL de l’en-tête `Link`, à reprendre tel quel.",
        _ => return property("", name),
    };
    Some((description, Value::Null))
}

/// Returns the description of a property of a schema, and an example.
pub(super) fn property(schema: &str, name: &str) -> Option<(&'static str, Value)> {
    let id = |last: u8| json!(format!("019a5a1e-3c08-7000-8000-00000000000{last}"));
    if let Some(entity) = schema.strip_prefix("Historique") {
        return history_property(name).or_else(|| property(entity, name));
    }
    if let Some(described) = batch::property(schema, name) {
        return Some(described);
    }
    Some(match (schema, name) {
        (_, "client_id") => ("L’identifiant du client.", id(1)),
        (_, "site_id") => ("L’identifiant du site.", id(2)),
        (_, "equipement_id") => ("L’identifiant de l’équipement.", id(3)),
        (_, "nom") => (nom_description(schema), json!(nom(schema))),
        (_, "code") => (code_description(schema), json!(12)),
        ("ValidationError", "type") => ("Le type d’erreur, dans le style de pydantic.", json!("int_parsing")),
        (_, "type") => ("Le type d’équipement.", json!("four")),
        (_, "numero_serie") => ("Le numéro de série attribué par le fabricant.", json!("FS-2041")),
        ("ClientInfos", "sites") => ("Les sites actifs.", Value::Null),
        (_, "sites") => ("Le nombre de sites actifs.", Value::Null),
        ("SiteInfos", "equipements") => ("Les équipements actifs.", Value::Null),
        ("Client", "equipements") => ("Le nombre d’équipements actifs sur ses sites actifs.", Value::Null),
        (_, "equipements") => ("Le nombre d’équipements actifs.", Value::Null),
        (_, "status") => ("`actif` ou `inactif`.", json!("actif")),
        (_, "timestamp") => ("La date et l’heure de création, en UTC.", json!("2025-11-06T16:55:01.544Z")),
        ("HTTPValidationError", "detail") => ("La liste des erreurs.", Value::Null),
        (_, "detail" | "message") => ("La description de l’erreur.", Value::Null),
        (_, "loc") => ("L’emplacement de la valeur refusée.", Value::Null),
        (_, "msg") => ("La raison du refus.", Value::Null),
        (_, "input") => ("La valeur reçue.", Value::Null),
        (_, "ctx") => ("Des précisions sur la contrainte non respectée.", Value::Null),
        _ => return None,
    })
}

fn history_property(name: &str) -> Option<(&'static str, Value)> {
    Some(match name {
        "version" => ("Le numéro de la version, à partir de 1.", json!(2)),
        "timestamp" => ("La date et l’heure du changement, en UTC.", json!("2025-11-06T16:55:01.544Z")),
        "operation" => ("La nature du changement.", json!("modification")),
        "par" => ("L’appelant que désigne le jeton ; `null` si l’API n’exige pas de jeton.", Value::Null),
        "requete" => ("L’identifiant (`X-Request-Id`) de la requête à l’origine du changement.", Value::Null),
        "avant" => ("Les champs modifiés, avec leur ancienne valeur ; `null` pour une création.", Value::Null),
        "apres" => ("Les champs modifiés, avec leur nouvelle valeur ; tous les champs pour une création.", Value::Null),
        _ => return None,
    })
}

fn nom_description(schema: &str) -> &'static str {
    if is_input(schema) {
        "Le nom. Les espaces au début et à la fin sont supprimés."
    } else {
        "Le nom, sans espaces au début ni à la fin."
    }
}

fn code_description(schema: &str) -> &'static str {
    if is_input(schema) {
        "Le code du client, unique dans le registre. Comme l’ancien service, l’API accepte aussi une chaîne de chiffres \
         (`\"12\"`), un nombre dont la partie décimale est nulle (`12.0`) et un booléen (`true` vaut 1, `false` vaut 0)."
    } else {
        "Le code du client, unique dans le registre."
    }
}

fn is_input(schema: &str) -> bool {
    schema.ends_with("Register") || schema.ends_with("Update")
}

fn nom(schema: &str) -> &'static str {
    if schema.starts_with("Site") {
        "Fournil de la gare"
    } else if schema.starts_with("Equipement") {
        "Four à sole"
    } else {
        "Boulangerie Morin"
    }
}

/// Replaces spaces at which French typography allows no line break.
pub(super) fn typeset(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                typeset(member);
                if let (Value::String(text), "description") = (member, name.as_str()) {
                    *text = no_break(text);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(typeset),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn no_break(text: &str) -> String {
    const PAIRS: [&str; 8] = [" ;", " :", "1 000", "1 Mio", "64 Kio", "24 heures", "un 304", "un 412"];
    PAIRS.iter().fold(text.to_owned(), |text, pair| text.replace(pair, &pair.replace(' ', "\u{a0}")))
}
