//! Bugs of batches.

use super::super::Mutant;

const RUN: &str = "shared/src/store/batch/run.rs";
const PLAN: &str = "shared/src/store/batch/plan.rs";
const RECORDS: &str = "shared/src/store/batch/records.rs";
const OVERLAY: &str = "shared/src/store/table/overlay.rs";
const HTTP_BATCH: &str = "shared/src/http/batch.rs";

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "a batch does not record what it has done",
        file: RUN,
        from: "ops.splice(0..0, record);",
        to: "if false { ops.splice(0..0, record); }",
    },
    Mutant {
        name: "a batch answers a refusal though an earlier attempt may still arrive",
        file: RUN,
        from: "Err(_) if is_uncertain => Err(StoreError::uncertain()),",
        to: "Err(_) if is_uncertain && false => Err(StoreError::uncertain()),",
    },
    Mutant {
        name: "a batch is not planned again if its items do not fit together",
        file: PLAN,
        from: "if unexplained.add(items) {",
        to: "if unexplained.add(items) || true {",
    },
    Mutant {
        name: "a batch keeps its plan while others write",
        file: RUN,
        from: "// Others write too.\n                self.planner.forget();",
        to: "",
    },
    Mutant {
        name: "records of a batch do not depend on its request",
        file: RECORDS,
        from: "if first.fingerprint != fingerprint {",
        to: "if first.fingerprint != fingerprint && false {",
    },
    Mutant {
        name: "one of two joined conditions counts for both",
        file: OVERLAY,
        from: "(Some(mine.and(other)), OnConditionFailed::Stale)",
        to: "{ let _ = other; (Some(mine), OnConditionFailed::Stale) }",
    },
    Mutant {
        name: "a failed joint condition counts as a corrupt item",
        file: OVERLAY,
        from: "(Some(mine.and(other)), OnConditionFailed::Stale)",
        to: "(Some(mine.and(other)), self.on_failed)",
    },
    Mutant {
        name: "the operations of a batch do not belong to its request",
        file: RECORDS,
        from: "Digest::of(&(\"run_batch\", operations, options.atomic))",
        to: "{ let _ = operations; Digest::of(&(\"run_batch\", options.atomic)) }",
    },
    Mutant {
        name: "an atomic batch counts as the same batch that is not atomic",
        file: RECORDS,
        from: "Digest::of(&(\"run_batch\", operations, options.atomic))",
        to: "{ let _ = options; Digest::of(&(\"run_batch\", operations)) }",
    },
    Mutant {
        name: "a repeated result has the counters of today",
        file: RECORDS,
        from: "Ok(BatchAnswer::of(&Client { nom, code, sites, equipements, status, version, ..row.client }))",
        to: "{ let _ = (sites, equipements); Ok(BatchAnswer::of(&Client { nom, code, status, version, ..row.client })) }",
    },
    Mutant {
        name: "an atomic batch is refused without a look for its kept answer",
        file: RUN,
        from: "// As in [`Self::send`].\n            if self.read_records().await? {",
        to: "if false && self.read_records().await? {",
    },
    Mutant {
        name: "a refused batch is answered though its records have changed",
        file: RUN,
        from: "Committed::ReadAgain => return Ok(()),",
        to: "Committed::ReadAgain => self.finish_all(group),",
    },
    Mutant {
        name: "the refused operations of a batch are not counted",
        file: HTTP_BATCH,
        from: "refus: responses.len() - ok,",
        to: "refus: 0,",
    },
    Mutant {
        name: "an operation that changed nothing ends the doubt about its lost transaction",
        file: RUN,
        from: "let writers = group.members.iter().filter(|member| member.writes());",
        to: "let writers = group.members.iter();",
    },
    Mutant {
        name: "every dry run is refused",
        file: RUN,
        from: "if self.options.dry_run {\n            return Ok(Committed::Done);",
        to: "if self.options.dry_run {\n            return Err(StoreError::DoNotFit(0));",
    },
    Mutant {
        name: "a batch that changes nothing keeps no answer",
        file: RUN,
        from: ".filter(|_| !done.is_empty())",
        to: ".filter(|_| group.writers > 0)",
    },
    Mutant {
        name: "the versions that a batch requires do not belong to its request",
        file: RECORDS,
        from: "Digest::of(&(\"run_batch\", operations, options.atomic))",
        to: "Digest::of(&(\"run_batch\", operations.iter().map(|one| (one.index, &one.operation)).collect::<Vec<_>>(), options.atomic))",
    },
    Mutant {
        name: "every batch is marked as repeated",
        file: HTTP_BATCH,
        from: "Ok(if replayed.is_empty() { response } else { marked_as_replayed(response) })",
        to: "Ok(marked_as_replayed(response))",
    },
    Mutant {
        name: "a result has the reference of the next operation",
        file: HTTP_BATCH,
        from: "entries.get(usize::from(*index)).and_then",
        to: "entries.get(usize::from(*index) + 1).and_then",
    },
    Mutant {
        name: "a code counts as taken by a client that has another one",
        file: PLAN,
        from: "contradicts.then(",
        to: "(contradicts && false).then(",
    },
    Mutant {
        name: "a dry run gives two clients one code",
        file: PLAN,
        from: "(Ok(_), Operation::UpdateClient(input)) => {",
        to: "(Ok(_), Operation::UpdateClient(input)) if false => {",
    },
    Mutant {
        name: "an équipement that moved while a batch read is refused because of its old site",
        file: PLAN,
        from: "if self.has_moved(&planned).await? {",
        to: "if false && self.has_moved(&planned).await? {",
    },
    Mutant {
        name: "the expired records of a batch count beside the new ones",
        file: RECORDS,
        from: "row.expires_at == expires_at",
        to: "row.expires_at <= expires_at",
    },
    Mutant {
        name: "an atomic batch must be shorter after a refusal",
        file: RUN,
        from: "operations: usize::MAX };",
        to: "operations: refusals.limit };",
    },
    Mutant {
        name: "a batch stops at the first refusal after a lost transaction",
        file: RUN,
        from: "if self.options.atomic && !self.uncertain.is_empty()",
        to: "if !self.uncertain.is_empty()",
    },
    Mutant {
        name: "a repeated result has the name of today",
        file: RECORDS,
        from: "Ok(BatchAnswer::of(&Site { nom, equipements,",
        to: "let _ = nom;\n            Ok(BatchAnswer::of(&Site { equipements,",
    },
];
