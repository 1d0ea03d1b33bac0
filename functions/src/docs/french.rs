//! What the document says to people.

use serde_json::{Value, json};

pub(super) const API: &str = "Registre des clients, de leurs sites et des équipements qui y sont installés.

Rien n’est jamais effacé : DELETE rend inactif, `reactivate` est son inverse, et l’un et l’autre peuvent être répétés.

Les listes vont du plus ancien au plus récent. La suite d’une page est annoncée par l’en-tête `Link` ; en suivant ces \
liens, on reçoit une fois et une seule chaque entité présente du début à la fin, quoi qu’on écrive entre-temps. \
Une page peut être plus courte que `limit`, ou même vide : seule l’absence de `Link` marque la fin.";

pub(super) const TAGS: [(&str, &str); 3] = [
    ("Clients", "Les clients, qui possèdent des sites."),
    ("Sites", "Les lieux d’un client où des équipements sont installés."),
    ("Equipements", "Ce qui est installé sur un site."),
];

pub(super) const TOKEN: &str = "Un jeton JWT dont la portée contient `parc/read` pour GET, `parc/write` pour le reste.";

/// An entity tag.
pub(super) const EXAMPLE_TAG: &str = "\"1-d257f8db3dc1bc8806464dfb22108f6b\"";

/// An `Idempotency-Key`.
pub(super) const EXAMPLE_KEY: &str = "7b0c2f5e-6a3d-4a57-9a55-0c5d6f1f2e11";

pub(super) const REQUEST_ID: &str = "L’identifiant de la requête, à citer en cas de question.";

pub(super) const LINK: &str = "L’adresse de la suite, par exemple `</clients/all?limit=50&cursor=…>; rel=\"next\"`. \
                               Cet en-tête est absent à la fin de la liste.";

pub(super) const ETAG: &str = "L’étiquette de la réponse, à renvoyer dans `If-None-Match`. Celle d’une entité commence par le \
                               numéro de sa version et se renvoie aussi dans `If-Match`.";

pub(super) const REPLAYED: &str =
    "`true` si cette requête avait déjà abouti avec cette clé : la première réponse est renvoyée telle quelle.";

pub(super) const RETRY_AFTER: &str = "Le nombre de secondes à attendre avant de recommencer.";

pub(super) const fn status(status: u16) -> &'static str {
    match status {
        200 => "Succès.",
        304 => "Rien n’a changé depuis la version indiquée par `If-None-Match` ; la réponse n’a pas de corps.",
        400 => "Le corps n’est pas du texte lisible, ou est trop imbriqué.",
        401 => "Le jeton manque, a expiré ou n’est pas reconnu.",
        403 => "Le jeton n’a pas la portée requise.",
        404 => "Cette entité n’existe pas.",
        409 => "L’état du registre s’y oppose ; rien n’a changé.",
        412 => "L’entité a changé depuis la version indiquée par `If-Match` ; rien n’a été modifié.",
        413 => "Le corps dépasse 64 Kio.",
        422 => "Un ou plusieurs champs, paramètres ou en-têtes sont invalides ; chacun est indiqué.",
        429 => "Trop de requêtes à la fois.",
        503 => "Le registre ne répond pas pour le moment ; la requête peut être renvoyée.",
        _ => "Une erreur interne.",
    }
}

/// What a parameter is, and an example of it.
pub(super) fn parameter(name: &str) -> Option<(&'static str, Value)> {
    let description = match name {
        "status" => "Ne donne que les entités de ce statut.",
        "code" => "Ne donne que le client de ce code.",
        "nom" => {
            "Ne donne que les entités dont le nom commence ainsi, sans tenir compte des majuscules, des accents ni des \
             ligatures."
        }
        "limit" => {
            "Le nombre maximal d’éléments. Par défaut, un historique en donne 100 ; les autres listes vont aussi loin \
             qu’une réponse le permet."
        }
        "If-None-Match" => "L’`ETag` d’une réponse déjà reçue : si rien n’a changé, la réponse est un 304 sans corps.",
        "If-Match" => {
            "L’`ETag` de l’entité telle que vous l’avez lue : si elle a changé depuis, la réponse est 412 et rien n’est \
             modifié. Sans cet en-tête, la dernière écriture l’emporte."
        }
        "Idempotency-Key" => {
            "Une clé de votre choix, propre à cette requête. Renvoyée avec cette clé dans les 24 heures, la requête reçoit \
             la même réponse sans produire d’autre effet : après une coupure, on peut donc la renvoyer sans risque."
        }
        "cursor" => "Le curseur fourni par l’en-tête `Link`, repris tel quel.",
        _ => return property("", name),
    };
    Some((description, Value::Null))
}

/// What a property of a schema is, and an example of it.
pub(super) fn property(schema: &str, name: &str) -> Option<(&'static str, Value)> {
    let id = |last: u8| json!(format!("019a5a1e-3c08-7000-8000-00000000000{last}"));
    if let Some(entity) = schema.strip_prefix("Historique") {
        return history_property(name).or_else(|| property(entity, name));
    }
    Some(match (schema, name) {
        (_, "client_id") => ("L’identifiant du client.", id(1)),
        (_, "site_id") => ("L’identifiant du site.", id(2)),
        (_, "equipement_id") => ("L’identifiant de l’équipement.", id(3)),
        (_, "nom") => ("Le nom, sans espaces au début ni à la fin.", json!(nom(schema))),
        (_, "code") => ("Le code du client, unique.", json!(12)),
        ("ValidationError", "type") => ("Le genre d’erreur, dans les mots de pydantic.", json!("int_parsing")),
        (_, "type") => ("Le type d’équipement.", json!("four")),
        (_, "numero_serie") => ("Le numéro donné par le fabricant.", json!("FS-2041")),
        ("ClientInfos", "sites") => ("Les sites actifs.", Value::Null),
        (_, "sites") => ("Le nombre de sites actifs.", Value::Null),
        ("SiteInfos", "equipements") => ("Les équipements actifs.", Value::Null),
        ("Client", "equipements") => ("Le nombre d’équipements actifs sur ses sites actifs.", Value::Null),
        (_, "equipements") => ("Le nombre d’équipements actifs.", Value::Null),
        (_, "status") => ("`actif` ou `inactif`.", json!("actif")),
        (_, "timestamp") => ("La date et l’heure de création, en UTC.", json!("2025-11-06T16:55:01.544Z")),
        (_, "detail" | "message") => ("La description de l’erreur.", Value::Null),
        (_, "loc") => ("L’emplacement de la valeur refusée.", Value::Null),
        (_, "msg") => ("La raison du refus.", Value::Null),
        (_, "input") => ("La valeur reçue.", Value::Null),
        (_, "ctx") => ("Les bornes que la valeur ne respecte pas.", Value::Null),
        _ => return None,
    })
}

fn history_property(name: &str) -> Option<(&'static str, Value)> {
    Some(match name {
        "version" => ("Le numéro de la version, à partir de 1.", json!(2)),
        "timestamp" => ("La date et l’heure du changement, en UTC.", json!("2025-11-06T16:55:01.544Z")),
        "operation" => ("La nature du changement.", json!("modification")),
        "par" => ("L’appelant désigné par le jeton ; `null` si l’API ne demande pas de jeton.", Value::Null),
        "requete" => ("L’identifiant de la requête, tel que dans `X-Request-Id`.", Value::Null),
        "avant" => ("La valeur des champs modifiés, avant le changement ; `null` à la création.", Value::Null),
        "apres" => ("La valeur des champs modifiés, après le changement ; tous les champs à la création.", Value::Null),
        _ => return None,
    })
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

/// With the spaces that French has before some signs, and at which no line is broken.
pub(super) fn typeset(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                typeset(member);
                if let (Value::String(text), "description") = (member, name.as_str()) {
                    *text = text.replace(" ;", "\u{a0};").replace(" :", "\u{a0}:");
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(typeset),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
