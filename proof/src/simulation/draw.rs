//! Draws the steps of a history from its seed.

use std::collections::BTreeMap;
use std::ops::Range;

use fastrand::Rng;
use shared::models::Kind;

use super::StepId;
use super::caller::user_of;
use super::faults::FaultRate;
use super::focus::Focus;
use super::partial::Partial;
use super::plan::{Action, Plan, PlannedBatched, PlannedFields, PlannedIfMatch, PlannedWrite, Slot, Step, Variation};

const NOMS: [&str; 7] = ["Four", "Four #2", "Fournil", "Étuve", "étuve", "Pétrin", "Œuf"];

/// Prefixes that find some of [`NOMS`].
const PREFIXES: [&str; 4] = ["fou", "etu", "%C3%89t", "p"];

/// Minimum steps of all callers together.
const STEPS: usize = 32;

const MINUTE: u64 = 60_000;
const DAY: u64 = 24 * 60 * MINUTE;

impl Plan {
    /// Draws the plan of a seed.
    pub(super) fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let focus = Focus::draw(seed, &mut rng);
        let mut drawing = Drawing { rng, slots: BTreeMap::new(), count: 0, focus };
        let fault_rate = match drawing.rng.u8(0..20) {
            _ if drawing.focus.is_on_few_entities() && drawing.rng.bool() => FaultRate::Transactions,
            0..3 => FaultRate::None,
            3..10 => FaultRate::Low,
            10..16 => FaultRate::High,
            _ => FaultRate::Transactions,
        };
        let outage = if drawing.rng.u8(0..10) == 0 { drawing.outage() } else { 0..0 };
        let lag = if drawing.rng.u8(0..3) == 0 { drawing.rng.u64(1..1_000) } else { 0 };
        let partial = Partial { pages: drawing.rng.u8(0..5) == 0, batches: drawing.rng.u8(0..5) == 0 };
        let verified = drawing.rng.u8(0..16) == 0;
        let setup = drawing.setup();
        let callers = drawing.rng.usize(3..=4);
        let mut plan =
            Self { seed, fault_rate, outage, lag, partial, verified, setup, callers: vec![Vec::new(); callers] };
        for number in 0..STEPS.div_ceil(callers) * callers {
            let caller = number % callers;
            let step = drawing.step(&plan.callers, caller);
            plan.callers[caller].push(step);
        }
        if drawing.rng.u8(0..12) < if focus == Focus::Batches { 4 } else { 1 } {
            drawing.add_long_pause(&mut plan.callers[0]);
        }
        plan
    }
}

struct Drawing {
    rng: Rng,
    slots: BTreeMap<&'static str, Vec<Slot>>,
    count: usize,
    focus: Focus,
}

impl Drawing {
    /// Some seconds during the history.
    fn outage(&mut self) -> Range<u64> {
        let from = self.rng.u64(0..1_500);
        from..from + self.rng.u64(2_000..20_000)
    }

    fn setup(&mut self) -> Vec<PlannedBatched> {
        let mut writes = Vec::new();
        for code in 1..3 {
            let fields = PlannedFields { code: Some(code), ..self.fields(Kind::Client, None) };
            writes.push(self.register(Kind::Client, fields));
        }
        for (kind, parents) in [(Kind::Site, [0, 0, 1]), (Kind::Equipement, [2, 3, 4])] {
            for parent in parents {
                let fields = self.fields(kind, Some(Slot(parent)));
                writes.push(self.register(kind, fields));
            }
        }
        writes.into_iter().map(|write| PlannedBatched { write, if_match: PlannedIfMatch::Any }).collect()
    }

    fn register(&mut self, kind: Kind, fields: PlannedFields) -> PlannedWrite {
        let slot = Slot(self.count);
        self.count += 1;
        self.slots.entry(kind.name()).or_default().push(slot);
        PlannedWrite::Register(kind, slot, fields)
    }

    fn fields(&mut self, kind: Kind, parent: Option<Slot>) -> PlannedFields {
        let nom = NOMS[self.rng.usize(0..NOMS.len())];
        let is_equipement = kind == Kind::Equipement;
        PlannedFields {
            nom,
            code: (kind == Kind::Client).then(|| self.code()),
            parent,
            r#type: (is_equipement && self.rng.bool()).then(|| "four".to_owned()),
            numero_serie: (is_equipement && self.rng.bool()).then(|| format!("N{}", self.rng.u8(0..3))),
        }
    }

    fn code(&mut self) -> i64 {
        self.rng.i64(1..=self.focus.max_code())
    }

    /// Returns an entity of a kind, often one of the newest.
    fn slot(&mut self, kind: Kind) -> Slot {
        let slots = &self.slots[kind.name()];
        if self.focus.is_on_few_entities() && self.rng.u8(0..8) > 0 {
            return slots[0];
        }
        let newest = &slots[slots.len().saturating_sub(3)..];
        let from = if self.rng.bool() { newest } else { slots };
        from[self.rng.usize(0..from.len())]
    }

    /// Returns a site to which an équipement moves.
    fn target(&mut self) -> Slot {
        if self.focus.is_on_few_entities() {
            self.slots[Kind::Site.name()][self.rng.usize(0..2)]
        } else {
            self.slot(Kind::Site)
        }
    }

    fn kind(&mut self) -> Kind {
        let first = usize::from(!self.focus.includes_clients());
        [Kind::Client, Kind::Site, Kind::Site, Kind::Equipement, Kind::Equipement][self.rng.usize(first..5)]
    }

    fn step(&mut self, before: &[Vec<Step>], caller: usize) -> Step {
        let action = match (self.rng.u8(0..100), self.focus) {
            (0..30, Focus::Entities) | (0..75, Focus::Batches) => self.batch(),
            (75..92, Focus::Batches) | (92..97, _) => self.repeat(before, caller),
            (0..58, _) | (58..82, Focus::Statuses) => {
                let write = self.write();
                let if_match = self.if_match(&write);
                Action::Write(write, if_match)
            }
            (58..72, _) => self.read(),
            (72..82, _) => self.list(),
            (82..92, _) => self.batch(),
            _ => self.reuse_key(before, caller),
        };
        let has_key = self.rng.u8(0..3) > 0;
        let longest = if self.rng.u8(0..6) == 0 { 2_000 } else { 25 };
        let wait = self.rng.u64(0..=longest);
        let sendings = [1, 3, 8][self.rng.usize(0..3)];
        Step { wait, action, has_key, sendings }
    }

    fn write(&mut self) -> PlannedWrite {
        let kind = self.kind();
        let (registrations, updates) = self.focus.changes();
        match self.rng.u8(0..10) {
            number if number < registrations => self.registration(),
            number if number < updates => {
                let parent = (kind == Kind::Equipement).then(|| self.target());
                PlannedWrite::Update(kind, self.slot(kind), self.fields(kind, parent))
            }
            _ => PlannedWrite::SetStatus(kind, self.slot(kind), self.rng.u8(0..5) < 3),
        }
    }

    fn registration(&mut self) -> PlannedWrite {
        let kind = self.kind();
        let parent = kind.parent().map(|parent| self.slot(parent));
        let fields = self.fields(kind, parent);
        self.register(kind, fields)
    }

    fn if_match(&mut self, write: &PlannedWrite) -> PlannedIfMatch {
        match (write, self.rng.u8(0..12)) {
            (PlannedWrite::Register(..), _) | (_, 0..6) => PlannedIfMatch::Any,
            (_, 6..11) => PlannedIfMatch::Seen,
            _ => PlannedIfMatch::Version(self.rng.u64(1..4)),
        }
    }

    fn read(&mut self) -> Action {
        let kind = self.kind();
        let slot = self.slot(kind);
        if self.rng.u8(0..4) == 0 {
            return Action::History(kind, slot, self.rng.bool().then(|| self.rng.u32(1..4)));
        }
        let limit = (kind != Kind::Equipement && self.rng.u8(0..4) == 0).then(|| self.rng.u32(1..3));
        Action::Infos(kind, slot, limit)
    }

    fn list(&mut self) -> Action {
        let kind = self.kind();
        let mut filter = BTreeMap::new();
        if self.rng.bool() {
            filter.insert("limit", self.rng.u8(1..4).to_string());
        }
        if self.rng.u8(0..3) == 0 {
            filter.insert("status", if self.rng.bool() { "actif" } else { "inactif" }.to_owned());
        }
        if self.rng.u8(0..4) == 0 {
            filter.insert("nom", PREFIXES[self.rng.usize(0..PREFIXES.len())].to_owned());
        }
        if kind == Kind::Client && self.rng.u8(0..3) == 0 {
            filter.insert("code", self.code().to_string());
        }
        let is_of_parent = self.rng.u8(0..3) == 0;
        let parent = kind.parent().filter(|_| is_of_parent).map(|parent| (parent.id_name(), self.slot(parent)));
        Action::List(kind, filter, parent)
    }

    fn batch(&mut self) -> Action {
        // Some batches need several transactions.
        let is_long = self.rng.u8(0..40) == 0;
        let count = if is_long { self.rng.usize(30..60) } else { self.rng.usize(1..8) };
        let operations = (0..count)
            .map(|_| {
                let write = if is_long && self.rng.bool() { self.registration() } else { self.write() };
                let if_match = self.if_match(&write);
                PlannedBatched { write, if_match }
            })
            .collect();
        Action::Batch { operations, atomic: self.rng.u8(0..4) == 0, dry_run: self.rng.u8(0..8) == 0 }
    }

    fn repeat(&mut self, before: &[Vec<Step>], caller: usize) -> Action {
        let others: Vec<_> = (0..before.len()).filter(|other| user_of(*other) == user_of(caller)).collect();
        let of = others[self.rng.usize(0..others.len())];
        match before[of].len() {
            0 => self.read(),
            steps => {
                let step = self.rng.usize(steps.saturating_sub(4)..steps);
                Action::Repeat(StepId { caller: of, step })
            }
        }
    }

    fn reuse_key(&mut self, before: &[Vec<Step>], caller: usize) -> Action {
        match before[caller].len() {
            0 => self.read(),
            steps => {
                use Variation::{FewerOperations, OtherAtomicity, OtherStatus, OtherVersion, OtherWrite};
                let with =
                    [OtherWrite, OtherVersion, OtherStatus, FewerOperations, OtherAtomicity][self.rng.usize(0..5)];
                let fits = |step: &Step| match with {
                    FewerOperations | OtherAtomicity => step.is_batch(),
                    OtherStatus => step.sets_status(),
                    OtherWrite | OtherVersion => true,
                };
                let fitting: Vec<_> = (0..steps).filter(|number| fits(&before[caller][*number])).collect();
                let step = self.rng.choice(&fitting).copied().unwrap_or(0);
                Action::ReuseKey { step, with, write: self.write() }
            }
        }
    }

    /// Ends a caller's steps with repetitions, long after its requests.
    fn add_long_pause(&mut self, steps: &mut Vec<Step>) {
        let requests = steps.len();
        let batches: Vec<_> = (0..requests).filter(|number| steps[*number].is_batch()).collect();
        let repeat = |rng: &mut Rng, wait| {
            let any = rng.usize(0..requests);
            let step = rng.choice(&batches).copied().filter(|_| rng.bool()).unwrap_or(any);
            let action = Action::Repeat(StepId { caller: 0, step });
            Step { wait, action, has_key: true, sendings: 8 }
        };
        // An answer is kept for 24 hours, and a minute more because clocks differ.
        let before = self.rng.choice([20 * MINUTE, MINUTE, 0]).unwrap_or_default();
        for wait in [DAY - before, 1_000, 30 * MINUTE] {
            steps.push(repeat(&mut self.rng, wait));
            if self.rng.bool() {
                steps.push(Step { wait: 0, action: Action::Sweep, has_key: false, sendings: 1 });
            }
        }
        steps.push(repeat(&mut self.rng, 1_000));
    }
}
