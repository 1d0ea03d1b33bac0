use std::collections::HashSet;

use uuid::Uuid;

use super::operation::CarriedOut;
use super::records::{self, Record};
use super::refusals::Refusals;
use super::{BatchAnswer, BatchResult, dry_run, keys};
use crate::models::{BatchOperation, ClientId, Code, EntityId, Kind, Operation, Placeholder};
use crate::store::change::Unexplained;
use crate::store::request::RequestContext;
use crate::store::rows::{CLIENT_ID, CODE, Key, VERSION};
use crate::store::table::{Overlay, PlannedWrites, Table};
use crate::store::{Store, StoreError};

/// Decides operations without writing anything.
pub(super) struct Planner<'a> {
    table: &'a Table,
    operations: &'a [BatchOperation],
    overlay: Overlay,
    /// Identifiers of the entities that operations register, by index.
    ids: Vec<Uuid>,
    /// Those that this request made.
    new_ids: HashSet<Uuid>,
}

/// An operation that was planned.
#[derive(Debug)]
pub(super) struct Planned {
    /// Position of the operation among the valid ones.
    pub(super) position: usize,
    pub(super) result: Result<CarriedOut, StoreError>,
    pub(super) writes: PlannedWrites,
}

impl Planned {
    /// Returns `true` if the operation changes something.
    pub(super) fn writes(&self) -> bool {
        !self.writes.ops.is_empty()
    }

    /// Returns `true` if the operation changes this item.
    pub(super) fn writes_item(&self, key: &Key) -> bool {
        self.writes.ops.iter().any(|op| op.key() == *key)
    }
}

impl<'a> Planner<'a> {
    pub(super) fn new(table: &'a Table, operations: &'a [BatchOperation]) -> Self {
        let count = operations.last().map_or(0, |last| usize::from(last.index) + 1);
        let ids: Vec<_> = (0..count).map(|_| table.request().new_uuid()).collect();
        Self { table, operations, overlay: Overlay::default(), new_ids: ids.iter().copied().collect(), ids }
    }

    /// Forgets what was read and planned.
    pub(super) fn forget(&self) {
        self.overlay.clear();
    }

    /// Plans operations, again if the items that they read contradict each other: items are read one after the other,
    /// and may change meanwhile. If they contradict each other again without any change, the last plan is returned.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`].
    pub(super) async fn plan(&self, positions: &[usize], refusals: &mut Refusals) -> Result<Vec<Planned>, StoreError> {
        let mut unexplained = Unexplained::default();
        loop {
            let planned = self.plan_once(positions).await?;
            if self.has_moved(&planned).await? {
                refusals.wait().await?;
                self.forget();
                continue;
            }
            let Some(keys) = planned.iter().find_map(|one| self.contradiction(one)) else { return Ok(planned) };
            let items: Vec<_> = keys.iter().map(|key| self.overlay.before(key)).collect();
            if unexplained.add(items) {
                return Ok(planned);
            }
            refusals.wait().await?;
            self.forget();
        }
    }

    /// Returns the keys of the items of an operation that contradict each other, or contain what they must not.
    fn contradiction(&self, planned: &Planned) -> Option<Vec<Key>> {
        let (code, client_id) = match (&planned.result, &self.operations[planned.position].operation) {
            (Err(StoreError::Corrupt(_)), _) => return Some(planned.writes.keys.clone()),
            (Err(StoreError::CodeTaken(code)), _) => (*code, self.holder(*code)?),
            (Ok(_), Operation::UpdateClient(input)) => {
                (input.code, ClientId::from_uuid(self.resolved(input.client_id.as_uuid())))
            }
            _ => return None,
        };
        let own = self.overlay.before(&Key::client(client_id))?.get(CODE).ok()?;
        let contradicts = (own == code) != (self.holder(code) == Some(client_id));
        contradicts.then(|| vec![Key::code(code), Key::client(client_id)])
    }

    /// Returns the client that had reserved a code before this batch.
    fn holder(&self, code: Code) -> Option<ClientId> {
        self.overlay.before(&Key::code(code))?.get(CLIENT_ID).ok()
    }

    /// Returns `true` if an équipement, whose operation is refused because of an inactive site or client, has changed
    /// since it was read: it may have been at another site when the site was read.
    async fn has_moved(&self, planned: &[Planned]) -> Result<bool, StoreError> {
        let is_inactive = |one: &&Planned| matches!(one.result, Err(StoreError::Inactive(_)));
        let key = |one: &Planned| keys::changed_equipement(&self.with_ids(&self.operations[one.position]));
        let refused: Vec<_> = planned.iter().filter(is_inactive).filter_map(key).collect();
        if refused.is_empty() {
            return Ok(false);
        }
        let now = Overlay::default();
        now.read_ahead(self.table, refused.clone()).await?;
        Ok(refused.iter().any(|key| now.known(key) != self.overlay.before(key)))
    }

    /// Plans operations in this order, each as if those before it had been carried out.
    async fn plan_once(&self, positions: &[usize]) -> Result<Vec<Planned>, StoreError> {
        let operations: Vec<_> = positions.iter().map(|position| self.with_ids(&self.operations[*position])).collect();
        self.read_ahead(positions, &operations).await?;
        let mut planned = Vec::with_capacity(positions.len());
        for (position, operation) in positions.iter().zip(operations) {
            let BatchOperation { index, expected, .. } = &self.operations[*position];
            let request = RequestContext {
                expected: expected.clone(),
                retry_key: None,
                new_id: Some(self.ids[usize::from(*index)]),
                ..self.table.request().clone()
            };
            let store = Store { table: self.table.under(&self.overlay, request) };
            // An operation that is refused early has not read everything that it depends on.
            let named = keys::named(&operation, self.ids[usize::from(*index)]);
            let result = store.carry_out(*index, operation).await;
            if let Err(StoreError::Unavailable(_)) = &result {
                return result.map(|_| planned);
            }
            let mut writes = self.overlay.take_planned();
            writes.keys.extend(named);
            planned.push(Planned { position: *position, result, writes });
        }
        Ok(planned)
    }

    /// Returns the answers to operations that were carried out, by index. From now on, their placeholders stand for the
    /// recorded identifiers.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`].
    pub(super) async fn answers(
        &mut self,
        done: &[(Record, &Operation)],
    ) -> Result<Vec<(u16, BatchResult)>, StoreError> {
        self.forget();
        let entities: Vec<_> = done.iter().map(|(record, operation)| keys::own(operation, record.id)).collect();
        self.overlay.read_ahead(self.table, entities.clone()).await?;
        let parents = entities.iter().filter_map(|key| self.overlay.known(key)).flat_map(|item| keys::parents(&item));
        self.overlay.read_ahead(self.table, parents.collect()).await?;
        let histories = done.iter().filter_map(|(record, operation)| self.older_version(record, operation));
        self.overlay.read_ahead(self.table, histories.collect()).await?;
        let table = self.table.under(&self.overlay, self.table.request().clone());
        let mut answers = Vec::with_capacity(done.len());
        for (record, operation) in done {
            self.ids[usize::from(record.index)] = record.id;
            let answer = records::answer(&table, record, operation).await;
            if let Err(StoreError::Unavailable(_)) = &answer {
                return answer.map(|_| answers);
            }
            answers.push((record.index, answer));
        }
        self.forget();
        Ok(answers)
    }

    /// Returns the key of the history entry that an answer is built from, if the entity has changed since.
    fn older_version(&self, record: &Record, operation: &Operation) -> Option<Key> {
        let own = self.overlay.known(&keys::own(operation, record.id))?;
        let site = keys::parents(&own).into_iter().next().filter(|_| operation.kind() == Kind::Site);
        let entity = site.and_then(|key| self.overlay.known(&key)).unwrap_or(own);
        let is_current = entity.get(VERSION).is_ok_and(|version| version == record.version);
        (!is_current).then(|| keys::version(operation, record.id, record.version))
    }

    /// Replaces what a run would make anew by `null`.
    pub(super) fn without_new_ids(&self, answer: BatchAnswer) -> BatchAnswer {
        dry_run::without_new_ids(answer, &self.new_ids)
    }

    /// Reads the items that operations need, with as few calls as possible.
    async fn read_ahead(&self, positions: &[usize], operations: &[Operation]) -> Result<(), StoreError> {
        // The table does not have what these operations register.
        let registered: HashSet<_> = positions
            .iter()
            .zip(operations)
            .filter(|(_, operation)| operation.registers())
            .map(|(position, operation)| keys::own(operation, self.ids[usize::from(self.operations[*position].index)]))
            .collect();
        let first: Vec<_> = operations
            .iter()
            .flat_map(|operation| keys::first(operation).into_iter().map(move |key| (operation, key)))
            .filter(|(_, key)| !registered.contains(key))
            .collect();
        self.overlay.read_ahead(self.table, first.iter().map(|(_, key)| key.clone()).collect()).await?;
        let mut second = Vec::new();
        for (operation, key) in &first {
            second.extend(self.overlay.known(key).into_iter().flat_map(|item| keys::second(operation, &item)));
        }
        self.overlay.read_ahead(self.table, second).await
    }

    /// Returns the operation with the identifiers that its placeholders stand for.
    fn with_ids(&self, BatchOperation { operation, .. }: &BatchOperation) -> Operation {
        operation.clone().with_ids(|id| self.resolved(id))
    }

    /// Returns the identifier that a placeholder stands for; others stay.
    fn resolved(&self, id: Uuid) -> Uuid {
        let id_of = |Placeholder(index)| self.ids.get(usize::from(index)).copied();
        Placeholder::of_uuid(id).and_then(id_of).unwrap_or(id)
    }
}
