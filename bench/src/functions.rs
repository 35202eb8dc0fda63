//! Each function by itself, beside its floor: cold start, warm requests at 1 and at 16 environments, memory, size, calls.

use std::{
    collections::BTreeMap,
    io::Write as _,
    path::Path,
    time::{Duration, Instant},
};

use axum::body::Bytes;
use futures_util::future::try_join_all;
use local::{Function, Template};
use serde_json::{Value, json};

use crate::{
    bed::{Bed, Tenant},
    machine::{Machine, Process},
    meter::Meter,
    options::{BoxError, Options},
    receiver::Receiver,
    samples::{Sample, check},
    stats::{median, ms, per_second, percentile, ratio},
};

/// How many environments the busy measurement has.
const ENVIRONMENTS: usize = 16;

/// The name of the floor's binary, and of the one that does nothing.
const FLOORS: [&str; 2] = ["floor-get-item", "floor-constant"];

/// Amazon's roots as a file: with them, the floor is at its lowest.
const ROOTS: &str = "shared/src/aws/amazon_roots.pem";

/// What measures take place on.
struct Stage<'a> {
    options: &'a Options,
    machine: Machine,
    /// One tenant, and one for each environment.
    beds: [(Bed, Vec<Tenant>); 2],
    receiver: String,
    /// What the floor is asked: a function of delivery takes other events.
    asked: Sample,
    /// The floor's, apart from DynamoDB's address.
    floor: BTreeMap<String, String>,
}

/// What a process is started for.
#[derive(Clone, Copy)]
struct Subject<'a> {
    binary: &'a str,
    function: Option<&'a Function>,
    sample: &'a Sample,
}

/// Measures all functions, or those that were asked for, and the floors.
pub(crate) async fn measure(
    options: &Options,
    template: &Template,
    tell: &(dyn Fn(&str) + Send + Sync),
) -> Result<Value, BoxError> {
    let stage = Stage::set(options).await?;
    let sample = Sample::read(&options.root, "sdelements-retrieve-webhook")?;
    let chosen = |function: &&Function| options.only.is_empty() || options.only.contains(&function.binary);
    let functions: Vec<_> = template.functions.iter().filter(chosen).collect();
    let mut rows = Vec::new();
    for (at, binary) in FLOORS.iter().enumerate() {
        tell(&format!("[{}/{}] {binary}", at + 1, functions.len() + FLOORS.len()));
        rows.push(stage.row(Subject { binary, function: None, sample: &sample }).await?);
    }
    for (at, function) in functions.iter().enumerate() {
        tell(&format!("[{}/{}] {}", at + 1 + FLOORS.len(), functions.len() + FLOORS.len(), function.binary));
        let sample = Sample::read(&options.root, &function.binary)?;
        let subject = Subject { binary: &function.binary, function: Some(function), sample: &sample };
        rows.push(stage.row(subject).await?);
    }
    Ok(Value::Array(rows))
}

impl<'a> Stage<'a> {
    async fn set(options: &'a Options) -> Result<Self, BoxError> {
        let (one, many) = (Bed::new(options).await?, Bed::new(options).await?);
        let alone = vec![one.tenant().await?];
        let mut crowd = Vec::new();
        for _ in 0..ENVIRONMENTS {
            crowd.push(many.tenant().await?);
        }
        let receiver = Receiver::default().start().await?;
        let roots = options.root.join(ROOTS).display().to_string();
        let floor = BTreeMap::from([("SSL_CERT_FILE".to_owned(), roots)]);
        let machine = Machine::start().await?;
        let asked = Sample::read(&options.root, "sdelements-retrieve-webhook")?;
        Ok(Self { options, machine, asked, beds: [(one, alone), (many, crowd)], receiver, floor })
    }

    /// The environment of a process for that tenant.
    fn environment(&self, subject: Subject<'_>, bed: &Bed, tenant: &Tenant) -> BTreeMap<String, String> {
        let mut environment = bed.environment();
        environment.insert("OUTHOOK_LOCAL_RECEIVER".to_owned(), self.receiver.clone());
        if subject.function.is_none() {
            let (pk, sk) = &tenant.item;
            environment.extend(self.floor.clone());
            let own = [("WEBHOOKS_TABLE", "WebhooksTable"), ("FLOOR_PK", pk.as_str()), ("FLOOR_SK", sk.as_str())];
            environment.extend(own.map(|(name, value)| (name.to_owned(), value.to_owned())));
        }
        environment
    }

    fn spawn(&self, subject: Subject<'_>, bed: &Bed, tenant: &Tenant) -> Result<Process, BoxError> {
        let environment = self.environment(subject, bed, tenant);
        self.machine.spawn(&self.options.binary(subject.binary), subject.function, &environment)
    }

    async fn row(&self, subject: Subject<'_>) -> Result<Value, BoxError> {
        let path = self.options.binary(subject.binary);
        let (bytes, zipped) = sizes(&path)?;
        let ([init, first], [floor_init, floor_first]) = self.cold(subject).await?;
        let (warm, floor_warm, peak_kb) = self.warm(subject).await?;
        let (busy, busy_wall) = self.busy(subject).await?;
        let (cold_use, warm_use) = self.consumed(subject).await?;
        Ok(json!({
            "function": subject.binary,
            "route": if subject.function.is_some() { subject.sample.route.as_str() } else { "" },
            "binary_bytes": bytes, "zip_bytes": zipped, "peak_rss_kb": peak_kb,
            "cold": {
                "init_ms": ms(median(&init)), "first_answer_ms": ms(median(&first)),
                "floor_init_ms": ms(median(&floor_init)), "floor_first_answer_ms": ms(median(&floor_first)),
                "init_times_floor": ratio(median(&init), median(&floor_init)),
                "first_answer_times_floor": ratio(median(&first), median(&floor_first)),
            },
            "warm_1": {
                "p50_ms": ms(median(&warm)), "p99_ms": ms(percentile(&warm, 0.99)),
                "per_second": per_second(warm.len(), warm.iter().sum()),
                "floor_p50_ms": ms(median(&floor_warm)), "times_floor": ratio(median(&warm), median(&floor_warm)),
            },
            "warm_16": {
                "p50_ms": ms(median(&busy)), "p99_ms": ms(percentile(&busy, 0.99)),
                "per_second": per_second(busy.len(), busy_wall),
            },
            "dynamodb": {"cold": cold_use, "warm": warm_use},
        }))
    }

    /// Spawn to ready and spawn to first answer, of the subject and of its floor in turns.
    async fn cold(&self, subject: Subject<'_>) -> Result<([Vec<Duration>; 2], [Vec<Duration>; 2]), BoxError> {
        let (bed, tenants) = &self.beds[0];
        let image = bed.image()?;
        let (mut own, mut floors) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
        for _ in 0..self.options.times(20, 5) {
            for (subject, times) in [(self.floor(), &mut floors), (subject, &mut own)] {
                let mut process = self.spawn(subject, bed, &tenants[0])?;
                times[0].push(process.ready().await?);
                let (_, answer) = process.call(&subject.sample.event(&tenants[0])).await?;
                times[1].push(process.age());
                process.end().await?;
                check(subject.binary, &answer)?;
                self.reset(subject, bed, &image)?;
            }
        }
        Ok((own, floors))
    }

    /// Warm requests of the subject and of its floor in turns, one at a time, and the subject's peak memory.
    async fn warm(&self, subject: Subject<'_>) -> Result<(Vec<Duration>, Vec<Duration>, u64), BoxError> {
        let (bed, tenants) = &self.beds[0];
        let image = bed.image()?;
        let event = subject.sample.event(&tenants[0]);
        let floor = self.floor();
        let asked = floor.sample.event(&tenants[0]);
        let (mut process, mut below) = (self.spawn(subject, bed, &tenants[0])?, self.spawn(floor, bed, &tenants[0])?);
        let (mut own, mut floors) = (Vec::new(), Vec::new());
        for turn in 0..self.options.times(300, 40) {
            let (took_below, _) = below.call(&asked).await?;
            below.ready().await?;
            let (took, answer) = process.call(&event).await?;
            process.ready().await?;
            check(subject.binary, &answer)?;
            self.reset(subject, bed, &image)?;
            // The first ones fill caches.
            if turn >= 5 {
                own.push(took);
                floors.push(took_below);
            }
        }
        let peak = process.peak_kb()?;
        process.end().await?;
        below.end().await?;
        Ok((own, floors, peak))
    }

    /// Rounds in which all environments get a request at the same time, each for an organization of its own.
    async fn busy(&self, subject: Subject<'_>) -> Result<(Vec<Duration>, Duration), BoxError> {
        let (bed, tenants) = &self.beds[1];
        let image = bed.image()?;
        let mut processes = Vec::new();
        for tenant in tenants {
            processes.push((self.spawn(subject, bed, tenant)?, subject.sample.event(tenant)));
        }
        let (mut times, mut wall) = (Vec::new(), Duration::ZERO);
        for round in 0..=self.options.times(20, 3) {
            try_join_all(processes.iter_mut().map(|(process, _)| process.ready())).await?;
            let start = Instant::now();
            let calls = try_join_all(processes.iter_mut().map(|(process, event)| process.call(event))).await?;
            // The first round looks the tokens up.
            if round > 0 {
                wall += start.elapsed();
                times.extend(calls.iter().map(|(took, _)| *took));
            }
            for (_, answer) in &calls {
                check(subject.binary, answer)?;
            }
            self.reset(subject, bed, &image)?;
        }
        for (process, _) in processes {
            process.end().await?;
        }
        Ok((times, wall))
    }

    /// What the first and the second request consume.
    async fn consumed(&self, subject: Subject<'_>) -> Result<(Value, Value), BoxError> {
        let (bed, tenants) = &self.beds[0];
        let image = bed.image()?;
        let event: Bytes = subject.sample.event(&tenants[0]);
        let (meter, address) = Meter::start(&bed.address).await?;
        let mut environment = self.environment(subject, bed, &tenants[0]);
        environment.insert("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), address);
        let mut process = self.machine.spawn(&self.options.binary(subject.binary), subject.function, &environment)?;
        let mut used = Vec::new();
        for _ in 0..2 {
            process.call(&event).await?;
            used.push(meter.take().json());
            self.reset(subject, bed, &image)?;
        }
        process.end().await?;
        let warm = used.pop().unwrap_or_default();
        Ok((used.pop().unwrap_or_default(), warm))
    }

    fn floor(&self) -> Subject<'_> {
        Subject { binary: FLOORS[0], function: None, sample: &self.asked }
    }

    fn reset(
        &self,
        subject: Subject<'_>,
        bed: &Bed,
        image: &BTreeMap<(String, String, String), Value>,
    ) -> Result<(), BoxError> {
        let changes = subject.function.is_some() && subject.sample.changes;
        if changes { bed.restore(image) } else { Ok(()) }
    }
}

/// The size of a file and of what a zip makes of it, in bytes.
fn sizes(path: &Path) -> Result<(u64, u64), BoxError> {
    let bytes = std::fs::read(path)?;
    let mut zip = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    zip.write_all(&bytes)?;
    Ok((u64::try_from(bytes.len())?, u64::try_from(zip.finish()?.len())?))
}
