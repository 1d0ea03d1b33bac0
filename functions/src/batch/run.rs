//! `POST /lot`

use shared::http::{self, Answer, Batched, Request};
use shared::store::Store;
use shared::validation::{Batch, BatchParams};

use crate::Operation;

/// Describes the operation to callers.
pub(crate) fn operation() -> Operation {
    Operation::named(
        "run_batch",
        "Exécuter un lot d’opérations",
        "Exécute jusqu’à 1 000 opérations en une requête d’au plus 1 Mio. Chaque opération reçoit le statut, l’`ETag` et \
         le corps que renverrait sa propre route, et le refus d’une opération n’empêche pas les autres.\n\n\
         - `body` est le corps qu’attend cette route. Pour `deactivate` et `reactivate`, c’est seulement l’identifiant, \
         par exemple `{\"client_id\": \"…\"}`.\n\
         - `$` suivi du `ref` d’une opération précédente tient lieu de l’identifiant de l’entité qu’elle enregistre. Si \
         cette opération est refusée, l’entité est introuvable (404).\n\
         - Les opérations qui concernent une même entité sont exécutées dans l’ordre du lot.\n\
         - Si le temps manque, `restant` est supérieur à 0 : renvoyez la même requête avec la même `Idempotency-Key`. \
         Ce qui est fait n’est pas refait.\n\
         - `dry_run=true` simule l’exécution, sans rien écrire.\n\
         - `atomique=true` exécute toutes les opérations, ou aucune.\n\n\
         Si la forme du lot est invalide, aucune opération n’est exécutée (422). Si les champs d’une opération le sont, \
         seule celle-ci est refusée.",
    )
    .with_body::<Batch>("LotRequest")
    .with_parameters::<BatchParams>()
    .returning_results::<Batched>()
    .fails_if_it_does_not_fit()
}

/// Returns the answer to each operation.
///
/// # Errors
/// Returns 422 if the form of the batch is invalid, or if an atomic batch does not fit into one transaction.
pub async fn handle(store: Store, request: Request) -> Answer {
    http::batch(&store, &request).await
}
