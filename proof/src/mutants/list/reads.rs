//! Bugs of lists, histories and reads by key.

use super::super::Mutant;

const READ: &str = "shared/src/store/table/read.rs";
const SOURCE: &str = "shared/src/store/lists/source.rs";
const KEYS: &str = "shared/src/store/rows/keys.rs";
const HISTORY: &str = "shared/src/store/history.rs";
const PAGINATION: &str = "shared/src/models/pagination.rs";
const QUERY: &str = "shared/src/store/table/query.rs";
const HTTP_REQUEST: &str = "shared/src/http/request.rs";

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "items are read eventually consistent",
        file: READ,
        from: ".set_key(Some(Item::at(key).into_attributes()))\n            .consistent_read(true)",
        to: ".set_key(Some(Item::at(key).into_attributes()))\n            .consistent_read(false)",
    },
    Mutant {
        name: "the next page of a list begins one entity too late",
        file: SOURCE,
        from: "self.read_to = rank_of(&next).or(self.read_to);",
        to: "self.read_to = rank_of(&next).or(self.read_to); self.items.next();",
    },
    Mutant {
        name: "the next page of the children begins with the last one of this page",
        file: KEYS,
        from: "format!(\"{}!\", child(kind, rank))",
        to: "child(kind, rank)",
    },
    Mutant {
        name: "a history begins with the oldest entry",
        file: HISTORY,
        from: "query_of(id, before).newest_first()",
        to: "query_of(id, before)",
    },
    Mutant {
        name: "a filter by status is forgotten",
        file: PAGINATION,
        from: "self.status.is_none_or(|status| entity.status() == status)",
        to: "self.status.is_none_or(|status| entity.status() == status || true)",
    },
    Mutant {
        name: "items that are read by key keep the order in which they arrive",
        file: SOURCE,
        from: "self.entities.make_contiguous().sort_by_key(T::rank);",
        to: "",
    },
    Mutant {
        name: "keys that DynamoDB leaves unprocessed are not read",
        file: READ,
        from: "left = got.unprocessed_keys.unwrap_or_default().into_values().flat_map(|left| left.keys).collect();",
        to: "left = Vec::new();",
    },
    Mutant {
        name: "further pages of a query are not read",
        file: QUERY,
        from: "while let Some(next) = all.next.take() {",
        to: "if false && let Some(next) = all.next.take() {",
    },
    Mutant {
        name: "a further page of a history begins with the last entry of the page before",
        file: KEYS,
        from: "version_sort(before.saturating_sub(1))",
        to: "version_sort(before)",
    },
    Mutant {
        name: "a history does not say that it continues",
        file: HISTORY,
        from: "let has_more = rows.len() > limit;",
        to: "let has_more = rows.len() > limit && false;",
    },
    Mutant {
        name: "the oldest entry of a page shows every field as changed",
        file: HISTORY,
        from: "self.history_rows::<E>(id, page.after, limit + 1)",
        to: "self.history_rows::<E>(id, page.after, limit)",
    },
    Mutant {
        name: "an entity whose name contains # is not found by its name",
        file: KEYS,
        from: "key.rsplit_once('#')?.1",
        to: "key.split('#').nth(2)?",
    },
    Mutant {
        name: "the address of the next page keeps the cursors of those before",
        file: HTTP_REQUEST,
        from: ".filter(|(name, _)| name != \"cursor\")",
        to: ".filter(|_| true)",
    },
];
