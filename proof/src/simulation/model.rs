//! The register as the contract describes it, without concurrency or faults: what each request must be answered.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Value, json};
use shared::models::Kind;

use super::call::{Fields, Write};
use super::if_match::IfMatch;

/// Every entity, at one moment.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    entities: BTreeMap<String, Rc<Entity>>,
}

/// One version of an entity.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entity {
    pub(super) kind: Kind,
    pub(super) id: String,
    pub(super) version: u64,
    /// Client of a site, or site of an équipement.
    pub(super) parent: Option<String>,
    pub(super) nom: String,
    pub(super) code: Option<i64>,
    pub(super) r#type: Option<String>,
    pub(super) numero_serie: Option<String>,
    pub(super) active: bool,
    pub(super) timestamp: String,
}

/// Why a change is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) detail: String,
    /// Current version of the entity, if another one was required.
    pub(super) version: Option<u64>,
}

impl Refusal {
    fn unknown(kind: Kind) -> Self {
        let detail = match kind {
            Kind::Client => "Client introuvable",
            Kind::Site => "Site introuvable",
            Kind::Equipement => "Équipement introuvable",
        };
        Self { status: 404, detail: detail.to_owned(), version: None }
    }

    /// Returns the refusal for an inactive parent.
    pub(super) fn inactive(kind: Kind) -> Self {
        Self::conflict(format!("{} est inactif", definite(kind)))
    }

    fn conflict(detail: impl Into<String>) -> Self {
        Self { status: 409, detail: detail.into(), version: None }
    }

    fn changed(entity: &Entity) -> Self {
        let (name, version) = (definite(entity.kind), entity.version);
        let advice = "relisez-le et renvoyez votre modification";
        let detail = format!("{name} a changé depuis votre lecture (version {version}) ; {advice}");
        Self { status: 412, detail, version: Some(version) }
    }
}

fn definite(kind: Kind) -> &'static str {
    match kind {
        Kind::Client => "Le client",
        Kind::Site => "Le site",
        Kind::Equipement => "L'équipement",
    }
}

impl State {
    /// Replaces or adds an entity.
    pub(super) fn put(&mut self, entity: Entity) {
        self.entities.insert(entity.id.clone(), Rc::new(entity));
    }

    pub(super) fn get(&self, id: &str) -> Option<&Entity> {
        self.entities.get(id).map(Rc::as_ref)
    }

    /// Returns the entities in order of creation: their identifiers begin with the time.
    pub(super) fn entities(&self) -> impl Iterator<Item = &Entity> {
        self.entities.values().map(Rc::as_ref)
    }

    /// Returns an entity of a kind.
    ///
    /// # Errors
    /// Returns 404 if there is none.
    pub(super) fn find(&self, kind: Kind, id: &str) -> Result<&Entity, Refusal> {
        self.get(id).filter(|entity| entity.kind == kind).ok_or_else(|| Refusal::unknown(kind))
    }

    /// Returns the entity after a change; that of a registration has no identifier and no time yet.
    ///
    /// # Errors
    /// Returns the refusal that the contract requires.
    pub(super) fn judge(&self, write: &Write, if_match: Option<IfMatch>) -> Result<Entity, Refusal> {
        match write {
            Write::Register(kind, fields) => self.register(*kind, fields),
            Write::Update(kind, id, fields) => {
                let before = self.find(*kind, id)?;
                let moves = *kind == Kind::Equipement && fields.parent != before.parent;
                let target = fields.parent.as_deref().filter(|_| moves);
                if let Some(target) = target {
                    self.find(Kind::Site, target)?;
                }
                before.check(if_match)?;
                if let Some(target) = target {
                    self.check_active(Kind::Site, target)?;
                }
                if let Some(code) = fields.code {
                    self.check_code(code, id)?;
                }
                Ok(before.with_fields(fields))
            }
            Write::SetStatus(kind, id, active) => {
                let before = self.find(*kind, id)?;
                before.check(if_match)?;
                if let (true, false, Some(parent), Some(parent_kind)) =
                    (*active, before.active, &before.parent, kind.parent())
                {
                    self.check_active(parent_kind, parent)?;
                }
                Ok(before.next(Entity { active: *active, ..before.clone() }))
            }
        }
    }

    fn register(&self, kind: Kind, fields: &Fields) -> Result<Entity, Refusal> {
        if let (Some(parent), Some(parent_kind)) = (&fields.parent, kind.parent()) {
            self.find(parent_kind, parent)?;
            self.check_active(parent_kind, parent)?;
        }
        if let Some(code) = fields.code {
            self.check_code(code, "")?;
        }
        let Fields { nom, code, parent, r#type, numero_serie } = fields.clone();
        let (id, timestamp) = (String::new(), String::new());
        Ok(Entity { kind, id, version: 1, parent, nom, code, r#type, numero_serie, active: true, timestamp })
    }

    /// Checks a parent and its own parent.
    fn check_active(&self, kind: Kind, id: &str) -> Result<(), Refusal> {
        let entity = self.find(kind, id)?;
        if let (Some(parent), Some(parent_kind)) = (&entity.parent, kind.parent()) {
            self.check_active(parent_kind, parent)?;
        }
        if entity.active { Ok(()) } else { Err(Refusal::inactive(kind)) }
    }

    pub(super) fn check_code(&self, code: i64, of: &str) -> Result<(), Refusal> {
        let is_taken = self.entities().any(|entity| entity.code == Some(code) && entity.id != of);
        if is_taken { Err(Refusal::conflict(format!("Le code {code} est déjà attribué"))) } else { Ok(()) }
    }

    /// Returns the children of an entity.
    pub(super) fn children<'a>(&'a self, of: &'a Entity) -> impl Iterator<Item = &'a Entity> {
        self.entities().filter(|entity| entity.parent.as_ref() == Some(&of.id))
    }

    /// Returns the client of an entity that is not a client.
    pub(super) fn client_of<'a>(&'a self, entity: &'a Entity) -> Option<&'a str> {
        match entity.kind {
            Kind::Client => None,
            Kind::Site => entity.parent.as_deref(),
            Kind::Equipement => self.get(entity.parent.as_deref()?)?.parent.as_deref(),
        }
    }

    /// Returns the counters of an entity: of active sites, and of active équipements at active sites.
    pub(super) fn counters(&self, of: &Entity) -> Vec<(&'static str, usize)> {
        let active = |of| self.children(of).filter(|child| child.active);
        match of.kind {
            Kind::Client => {
                vec![("sites", active(of).count()), ("equipements", active(of).map(|site| active(site).count()).sum())]
            }
            Kind::Site => vec![("equipements", active(of).count())],
            Kind::Equipement => Vec::new(),
        }
    }

    /// Returns an entity as lists and writes show it.
    pub(super) fn json(&self, entity: &Entity) -> Value {
        let mut json = entity.own_json();
        for (name, count) in self.counters(entity) {
            json[name] = count.into();
        }
        if let (Kind::Equipement, Some(client)) = (entity.kind, self.client_of(entity)) {
            json["client_id"] = client.into();
        }
        json
    }

    /// Returns an entity as its `/infos` show it, without its children.
    pub(super) fn infos(&self, entity: &Entity) -> Value {
        let mut json = self.json(entity);
        if entity.kind != Kind::Equipement {
            let object = json.as_object_mut().expect("an object");
            object.retain(|name, _| !["sites", "equipements", "status"].contains(&name.as_str()));
        }
        json
    }

    /// Returns an entity as the `/infos` of its parent show it.
    pub(super) fn summary(&self, entity: &Entity) -> Value {
        let mut json = self.json(entity);
        let object = json.as_object_mut().expect("an object");
        let hidden: &[&str] = match entity.kind {
            Kind::Client | Kind::Site => &["client_id", "status", "timestamp"],
            Kind::Equipement => &["client_id", "site_id", "status", "timestamp"],
        };
        object.retain(|name, _| !hidden.contains(&name.as_str()));
        json
    }
}

impl Entity {
    pub(super) fn check(&self, if_match: Option<IfMatch>) -> Result<(), Refusal> {
        if if_match.is_none_or(|if_match| if_match.allows(self.version)) { Ok(()) } else { Err(Refusal::changed(self)) }
    }

    fn with_fields(&self, fields: &Fields) -> Self {
        let Fields { nom, code, parent, r#type, numero_serie } = fields.clone();
        let parent = if self.kind == Kind::Equipement { parent } else { self.parent.clone() };
        self.next(Self { parent, nom, code, r#type, numero_serie, ..self.clone() })
    }

    /// Returns the next version, or this one if nothing changes.
    fn next(&self, after: Self) -> Self {
        if after == *self { after } else { Self { version: self.version + 1, ..after } }
    }

    /// Returns the fields whose changes make versions.
    pub(super) fn fields(&self) -> Value {
        let mut json = json!({ "nom": self.nom, "status": self.status() });
        match self.kind {
            Kind::Client => json["code"] = self.code.into(),
            Kind::Site => {}
            Kind::Equipement => {
                json["site_id"] = self.parent.as_deref().into();
                json["type"] = self.r#type.as_deref().into();
                json["numero_serie"] = self.numero_serie.as_deref().into();
            }
        }
        json
    }

    /// Returns the entity as JSON, without what other entities decide.
    pub(super) fn own_json(&self) -> Value {
        let mut json = self.fields();
        json[self.kind.id_name()] = self.id.as_str().into();
        json["timestamp"] = self.timestamp.as_str().into();
        if self.kind == Kind::Site {
            json["client_id"] = self.parent.as_deref().into();
        }
        json
    }

    pub(super) fn status(&self) -> &'static str {
        if self.active { "actif" } else { "inactif" }
    }

    /// Returns how its history names the change from an earlier version.
    pub(super) fn change_from(&self, before: Option<&Self>) -> &'static str {
        let Some(before) = before else { return "creation" };
        match (before.active, self.active) {
            (true, false) => "desactivation",
            (false, true) => "reactivation",
            _ if self.kind == Kind::Equipement && self.parent != before.parent => "deplacement",
            _ => "modification",
        }
    }
}
