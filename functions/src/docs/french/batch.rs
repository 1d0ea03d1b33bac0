//! The French texts about batches.

use serde_json::{Value, json};

pub(in crate::docs) const KEY: &str = "\
Une clé de votre choix, propre à chaque lot. Si `restant` est supérieur à 0, si un `status` est 503 ou si la connexion a été \
coupée, renvoyez la même requête avec la même clé dans les 24 heures : les opérations déjà exécutées ne le sont pas de \
nouveau, et leurs premières réponses sont renvoyées. Les autres, y compris celles qui avaient été refusées, sont exécutées \
si elles peuvent l’être. Exception : avec `atomique=true`, si une opération est refusée, corrigez d’abord la cause du refus.";

pub(in crate::docs) const REPLAYED: &str = "\
`true` si des opérations avaient déjà été exécutées par une requête identique avec cette clé : leurs premières réponses \
sont renvoyées.";

/// Returns the description of a parameter.
pub(super) fn parameter(name: &str) -> Option<&'static str> {
    Some(match name {
        "dry_run" => {
            "Avec `true`, l’exécution est simulée : les lectures et les décisions sont les mêmes, mais rien n’est écrit et \
             aucune clé n’est enregistrée. Les identifiants et les dates qu’une exécution attribuerait sont `null`, et les \
             résultats n’ont pas d’`etag`."
        }
        "atomique" => {
            "Avec `true`, les opérations sont toutes exécutées en une seule transaction, ou aucune ne l’est. Si une \
             opération est refusée, rien n’est écrit et seuls les refus ont un résultat. Un lot qui ne tient pas dans une \
             transaction est refusé (422)."
        }
        _ => return None,
    })
}

/// Returns the description of a property of a schema, and an example.
pub(super) fn property(schema: &str, name: &str) -> Option<(&'static str, Value)> {
    Some(match (schema, name) {
        ("LotRequest", "operations") => ("Les opérations, au plus 1 000.", operations()),
        ("OperationDeLot", "op") => {
            ("L’action : enregistrer, modifier, désactiver ou réactiver une entité.", json!("register"))
        }
        ("OperationDeLot", "kind") => ("La nature de l’entité.", json!("client")),
        ("OperationDeLot", "ref") => (
            "Un nom de votre choix, unique dans le lot. Dans les opérations suivantes, `$` suivi de ce nom tient lieu de \
             l’identifiant de l’entité enregistrée par l’opération qui porte ce `ref`.",
            json!("c"),
        ),
        ("OperationDeLot", "if_match") => (
            "L’`ETag` de l’entité telle que vous l’avez lue, comme dans l’en-tête `If-Match`. Si elle a changé depuis, \
             l’opération est refusée (412).",
            json!(super::EXAMPLE_TAG),
        ),
        ("OperationDeLot", "body") => (
            "Le corps qu’attend la route de cette opération, d’au plus 64 Kio. Pour `deactivate` et `reactivate`, \
             seulement l’identifiant : `{\"client_id\": \"…\"}`.",
            json!({ "nom": "Boulangerie Morin", "code": 12 }),
        ),
        ("Lot", "resultats") => {
            ("Les résultats, dans l’ordre du lot. Les opérations sans résultat n’y figurent pas.", Value::Null)
        }
        ("Lot", "bilan") => ("Le nombre d’opérations selon leur issue.", Value::Null),
        ("ResultatDeLot", "index") => ("La position de l’opération dans le lot, à partir de 0.", json!(0)),
        ("ResultatDeLot", "ref") => ("Le `ref` de l’opération, si elle en a un.", json!("c")),
        ("ResultatDeLot", "status") => ("Le statut que renverrait la route de cette opération.", json!(200)),
        ("ResultatDeLot", "etag") => (
            "L’`ETag` que renverrait cette route, à transmettre dans `if_match` ou `If-Match`. Il est absent si elle n’en \
             renvoie pas.",
            json!(super::EXAMPLE_TAG),
        ),
        ("ResultatDeLot", "body") => (
            "Le corps que renverrait cette route : l’entité, `true` après une désactivation, ou la description de \
             l’erreur.",
            client(),
        ),
        ("BilanDeLot", "ok") => ("Le nombre d’opérations réussies.", json!(1)),
        ("BilanDeLot", "refus") => ("Le nombre d’opérations refusées ou en échec.", json!(0)),
        ("BilanDeLot", "restant") => (
            "Le nombre d’opérations sans résultat : le temps a manqué ou, avec `atomique=true`, une autre opération est \
             refusée.",
            json!(0),
        ),
        _ => return None,
    })
}

/// Example of the answer to an operation.
fn client() -> Value {
    json!({
        "client_id": "019a5a1e-3c08-7000-8000-000000000001",
        "nom": "Boulangerie Morin",
        "code": 12,
        "sites": 0,
        "equipements": 0,
        "status": "actif",
        "timestamp": "2025-11-06T16:55:01.544Z",
    })
}

/// Example of the operations of a batch.
fn operations() -> Value {
    let site = json!({ "client_id": "$c", "nom": "Fournil de la gare" });
    let equipement = json!({ "site_id": "$s", "nom": "Four à sole", "type": "four", "numero_serie": "FS-2041" });
    json!([
        { "op": "register", "kind": "client", "ref": "c", "body": { "nom": "Boulangerie Morin", "code": 12 } },
        { "op": "register", "kind": "site", "ref": "s", "body": site },
        { "op": "register", "kind": "equipement", "body": equipement },
    ])
}
