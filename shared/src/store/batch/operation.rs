//! One operation of a batch.

use super::BatchAnswer;
use super::records::Record;
use crate::models::{Entity, Operation};
use crate::store::{Store, StoreError, Written};

/// What an operation did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CarriedOut {
    pub(super) record: Record,
    pub(super) answer: BatchAnswer,
}

impl Store {
    /// Carries out an operation as its route does.
    ///
    /// # Errors
    /// Returns the errors of the method of the route.
    pub(super) async fn carry_out(&self, index: u16, operation: Operation) -> Result<CarriedOut, StoreError> {
        let deactivates = operation.deactivates();
        let done = match operation {
            Operation::RegisterClient(input) => CarriedOut::new(index, self.register_client(input).await?),
            Operation::UpdateClient(input) => CarriedOut::new(index, self.update_client(&input).await?),
            Operation::SetClientStatus(id, to) => CarriedOut::new(index, self.set_client_status(id, to).await?),
            Operation::RegisterSite(input) => CarriedOut::new(index, self.register_site(input).await?),
            Operation::UpdateSite(input) => CarriedOut::new(index, self.update_site(&input).await?),
            Operation::SetSiteStatus(id, to) => CarriedOut::new(index, self.set_site_status(id, to).await?),
            Operation::RegisterEquipement(input) => CarriedOut::new(index, self.register_equipement(input).await?),
            Operation::UpdateEquipement(input) => CarriedOut::new(index, self.update_equipement(&input).await?),
            Operation::SetEquipementStatus(id, to) => CarriedOut::new(index, self.set_equipement_status(id, to).await?),
        }?;
        Ok(if deactivates { CarriedOut { answer: BatchAnswer::Done, ..done } } else { done })
    }
}

impl CarriedOut {
    fn new(index: u16, written: Written<impl Entity>) -> Result<Self, StoreError> {
        let entity = written.fresh()?;
        Ok(Self { record: Record::of(index, &entity), answer: BatchAnswer::of(&entity) })
    }
}
