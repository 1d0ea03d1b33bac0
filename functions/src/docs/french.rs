//! What the document says to people.

use serde_json::{Value, json};

pub(super) const API: &str = "Registre des clients, de leurs sites et des équipements qui y sont installés.

Rien n’est jamais effacé : DELETE rend inactif, `reactivate` est son inverse, et l’un comme l’autre peut être répété.

Les listes vont du plus ancien au plus récent. Ce qui suit une page est annoncé par l’en-tête `Link` ; qui suit ces \
liens reçoit une fois et une seule chaque entité présente du début à la fin, quoi qu’on écrive entre-temps.";

pub(super) const TAGS: [(&str, &str); 3] = [
    ("Clients", "Ceux qui possèdent des sites."),
    ("Sites", "Les lieux d’un client où des équipements sont installés."),
    ("Equipements", "Ce qui est installé sur un site."),
];

pub(super) const TOKEN: &str = "Un jeton JWT dont la portée contient `parc/read` pour GET, `parc/write` pour le reste.";

pub(super) const REQUEST_ID: &str = "L’identifiant de la requête, à citer en cas de question.";

pub(super) const LINK: &str = "L’adresse de ce qui suit : `</clients/all?limit=50&cursor=…>; rel=\"next\"`. \
                               Absent quand la liste est complète.";

pub(super) const RETRY_AFTER: &str = "Le nombre de secondes à attendre avant de recommencer.";

pub(super) const fn status(status: u16) -> &'static str {
    match status {
        200 => "C’est fait.",
        400 => "Le corps n’est pas un texte lisible.",
        401 => "Le jeton manque, a expiré ou n’est pas reconnu.",
        403 => "Le jeton n’a pas la portée qu’il faut.",
        404 => "Cette entité n’existe pas.",
        409 => "L’état du registre s’y oppose ; rien n’a changé.",
        413 => "Le corps dépasse 64 Kio.",
        422 => "Un ou plusieurs champs sont faux ; chacun est nommé.",
        429 => "Trop de requêtes à la fois.",
        503 => "Le registre ne répond pas pour le moment ; la requête peut être renvoyée.",
        _ => "Une erreur interne.",
    }
}

/// What a parameter is, and an example of it.
pub(super) fn parameter(name: &str) -> Option<(&'static str, Value)> {
    Some(match name {
        "status" => ("Ne donne que les entités de ce statut.", Value::Null),
        "code" => ("Ne donne que le client de ce code.", Value::Null),
        "nom" => (
            "Ne donne que les entités dont le nom commence ainsi, sans égard aux majuscules ni aux accents.",
            Value::Null,
        ),
        "limit" => {
            ("Le nombre d’entités voulu ; sans lui, la liste va aussi loin qu’une réponse peut porter.", Value::Null)
        }
        "cursor" => ("Le curseur que porte le lien vers la suite, tel quel.", Value::Null),
        _ => return property(name),
    })
}

/// What a property is, and an example of it.
pub(super) fn property(name: &str) -> Option<(&'static str, Value)> {
    let id = |last: u8| json!(format!("019a5a1e-3c08-7000-8000-00000000000{last}"));
    Some(match name {
        "client_id" => ("L’identifiant du client.", id(1)),
        "site_id" => ("L’identifiant du site.", id(2)),
        "equipement_id" => ("L’identifiant de l’équipement.", id(3)),
        "nom" => ("Le nom, sans blancs aux extrémités.", json!("Boulangerie Morin")),
        "code" => ("Le numéro du client, à nul autre pareil.", json!(12)),
        "type" => ("Ce que c’est.", json!("four")),
        "numero_serie" => ("Le numéro donné par le fabricant.", json!("FS-2041")),
        "sites" => ("Les sites actifs.", Value::Null),
        "equipements" => ("Les équipements actifs ; pour un client, ceux de ses sites actifs.", Value::Null),
        "status" => ("En service ou non.", json!("actif")),
        "timestamp" => ("L’instant de création, UTC.", json!("2025-11-06T16:55:01.544Z")),
        "detail" | "message" => ("Ce qui ne va pas.", Value::Null),
        "loc" => ("Où se trouve ce qui est faux.", Value::Null),
        "msg" => ("Pourquoi c’est faux.", Value::Null),
        "input" => ("Ce qui a été reçu.", Value::Null),
        "ctx" => ("Les bornes que la valeur ne respecte pas.", Value::Null),
        _ => return None,
    })
}
