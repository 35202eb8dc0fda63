//! Spreading: queueing an event for the many webhooks that want it, page by page, beside the stream.
//!
//! Fan-out leaves a task in the organization's lane; one worker at a time, under the lane's lease, works its tasks off in order.
//! Tasks that follow each other and that the same webhooks want go together, so that each queue is touched once for all of them.
//! How far they have come is written down after each page: a crash repeats a page, which adds no delivery.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use futures_util::{
    StreamExt as _,
    future::{join, join_all},
    stream,
};

use super::{
    queueing::{Audience, Entry, audience, look_ups, queue_or_leave, queue_up},
    waker::{LANES_AN_INVOCATION, MAX_HANDOVERS, SpreadCommand, Wake},
};
use crate::{
    domain::{DeliveryState, EventId, OrganizationId, QueueState, SpreadCursor, WebhookKey},
    store::{
        Finish, LaneState, Lease, LeaseFor, Release, Renewal, SpreadTask, Store, StoreError, organization_of,
        queue_key, webhook_of_late_lane,
    },
};

/// How long a lease of a lane lasts; it is renewed after each page.
const LEASE: Duration = Duration::from_secs(30);

/// With less of the invocation left than this, no page begins.
const MIN_TIME_LEFT: Duration = Duration::from_secs(10);

/// How many webhooks of a page are queued for at once.
const AT_ONCE: usize = 16;

/// How many tasks go together at the most.
const TOGETHER: usize = 25;

/// About how many deliveries a page has.
const PAGE: usize = 500;

/// How long a lane is left alone whose webhook's partition takes no writes.
const BREATH: Duration = Duration::from_secs(2);

/// What spread works with.
#[derive(Clone)]
pub struct Spread {
    /// The tables.
    pub store: Store,
    /// Who wakes drain, and further spreads.
    pub waker: Arc<dyn Wake>,
}

impl std::fmt::Debug for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Spread").field("store", &self.store).finish_non_exhaustive()
    }
}

impl Spread {
    /// Works on the lanes within `budget`, all at the same time. Those with more to do when the time is up are handed over. Gives
    /// the number of lanes that failed; they are logged and left to the tick.
    pub async fn run(&self, command: SpreadCommand, budget: Duration) -> usize {
        let deadline = self.store.clock().monotonic() + budget;
        let lanes = stream::iter(&command.lanes).map(|lane| async move { (lane, self.lane(lane, deadline).await) });
        let ended: Vec<_> = lanes.buffer_unordered(LANES_AN_INVOCATION).collect().await;
        let (mut more, mut failed) = (Vec::new(), 0);
        for (lane, left) in ended {
            match left {
                Ok(Left::More) => more.push(lane.clone()),
                Ok(Left::Alone) => {}
                Err(error) => {
                    tracing::error!(lane, error = %error, "a lane could not be worked on; it stays due");
                    failed += 1;
                }
            }
        }
        if command.chain < MAX_HANDOVERS {
            self.waker.spread(&more, command.chain + 1).await;
        }
        failed
    }

    async fn lane(&self, lane: &str, deadline: Duration) -> Result<Left, StoreError> {
        let Some(organization) = OrganizationId::parse(organization_of(lane)) else { return Ok(Left::Alone) };
        let token = self.store.random_hex::<16>();
        let until = self.store.clock().now().plus(LEASE);
        let Lease::Taken(state) = self.store.lease(lane, &token, until, LeaseFor::Delivery).await? else {
            return Ok(Left::Alone);
        };
        let (state, from) = (*state, None);
        Worker { from, touched: state.touched, spread: self, lane, organization, token, state, deadline }.work().await
    }
}

/// How a worker left its lane.
enum Left {
    /// It is empty, delayed, or another worker's.
    Alone,
    /// Its time was up while there was more to do.
    More,
}

/// How the work on tasks that go together came out.
enum Page {
    /// Their next page can follow.
    Done,
    /// A partition takes no writes at the moment.
    Throttled,
    /// The lease is another worker's.
    Lost,
}

/// What is queued for each webhook.
type Queues = BTreeMap<WebhookKey, Vec<Entry>>;

/// What is queued at once.
struct Portion {
    /// The tasks.
    events: Vec<EventId>,
    /// For whom.
    queues: Queues,
    /// After which webhook the tasks go on; `None` if this was all of them.
    next: Option<String>,
}

/// A worker that holds the lease of a lane.
struct Worker<'a> {
    /// From where on tasks are read in this pass; the lane's head if absent.
    from: Option<EventId>,
    /// How often the lane had been touched when the pass began.
    touched: u64,
    spread: &'a Spread,
    lane: &'a str,
    organization: OrganizationId,
    token: String,
    state: QueueState,
    deadline: Duration,
}

impl Worker<'_> {
    async fn work(&mut self) -> Result<Left, StoreError> {
        let store = &self.spread.store;
        loop {
            if store.clock().monotonic() + MIN_TIME_LEFT > self.deadline {
                self.release(Release::More).await?;
                return Ok(Left::More);
            }
            let (tasks, beyond) = self.next().await?;
            if tasks.is_empty() {
                let kept = match beyond {
                    Some(beyond) => self.rise(beyond, Renewal::default()).await?,
                    None => self.end().await?,
                };
                if !kept {
                    return Ok(Left::Alone);
                }
                continue;
            }
            let page = match &tasks[0].only {
                Some(webhook) => self.late(&tasks, webhook).await?,
                None => self.page(&tasks).await?,
            };
            match page {
                Page::Done => {}
                Page::Lost => return Ok(Left::Alone),
                Page::Throttled => {
                    self.release(Release::NotBefore(store.clock().now().plus(BREATH))).await?;
                    return Ok(Left::Alone);
                }
            }
        }
    }

    /// The tasks from the place on. The place is kept beside the head, which does not rise while the lane is touched. What is put
    /// behind the place is touched, so that neither the head nor an empty release takes effect, and the next pass begins at the head.
    async fn next(&self) -> Result<(Vec<SpreadTask>, Option<EventId>), StoreError> {
        self.spread.store.tasks(self.lane, self.from.or(self.state.head), TOGETHER).await
    }

    /// Releases the lane, in which nothing was found; true if the work goes on, since something came meanwhile.
    async fn end(&mut self) -> Result<bool, StoreError> {
        let (store, organization) = (&self.spread.store, &self.organization);
        let mark = match webhook_of_late_lane(self.lane) {
            Some(webhook) => store.late_mark(organization, &webhook).await?.map(|mark| (webhook, mark)),
            None => None,
        };
        // A lost lease ends the release, too. Whoever leaves something for the webhook marks it afterwards: what belongs to the mark
        // is seen by this second look, or was queued by the other worker.
        if mark.is_some() && self.next().await? != (Vec::new(), None) {
            return Ok(true);
        }
        if self.release(Release::Empty { touched: self.touched }).await? {
            if let Some((webhook, mark)) = mark {
                // It has caught up: what follows is queued directly again.
                store.unmark_late(organization, &webhook, &mark).await?;
            }
            return Ok(false);
        }
        let kept = self.renew(Renewal::default()).await?;
        (self.from, self.touched) = (None, self.state.touched);
        Ok(kept)
    }

    /// Queues the first tasks for the next webhooks that want them.
    async fn page(&mut self, tasks: &[SpreadTask]) -> Result<Page, StoreError> {
        let Portion { events, queues, next } = self.portion(tasks).await?;
        // After the subscribers: whoever is missing there has left a trace that is seen here.
        let state = self.spread.store.lane_state(&self.organization).await?;
        self.queue(&queues, &state.late).await?;
        match next {
            Some(after) => self.progress(Some(SpreadCursor { events, after }), None).await,
            None => {
                self.queue(&former(tasks, &events, &state), &state.late).await?;
                self.finish(&events).await?;
                let next = tasks.iter().find(|task| !events.contains(&task.event)).map(|task| task.event);
                self.progress(None, next.or_else(|| tasks.last().map(|task| task.event.next()))).await
            }
        }
    }

    /// Queues for each webhook what is its own, and wakes whoever goes on with it.
    async fn queue(&self, queues: &Queues, late: &BTreeSet<WebhookKey>) -> Result<(), StoreError> {
        let (store, organization) = (&self.spread.store, &self.organization);
        let queued = stream::iter(queues).map(|(webhook, entries)| async move {
            (webhook, queue_or_leave(store, organization, webhook, entries, late.contains(webhook)).await)
        });
        let queued: Vec<_> = queued.buffer_unordered(AT_ONCE).collect().await;
        let (mut due, mut lanes, mut first_error) = (Vec::new(), Vec::new(), Ok(()));
        for (webhook, outcome) in queued {
            if outcome.wake {
                due.push(queue_key(organization, webhook));
            }
            lanes.extend(outcome.lane);
            first_error = first_error.and(outcome.failed.map_or(Ok(()), |(_, error)| Err(error)));
        }
        due.sort();
        join(self.spread.waker.wake(&due), self.spread.waker.spread(&lanes, 0)).await;
        first_error
    }

    /// What is queued next: the rest of the tasks that are on their way already; or the first tasks, as many as fit into a page.
    async fn portion(&self, tasks: &[SpreadTask]) -> Result<Portion, StoreError> {
        if let Some(cursor) = &self.state.spread {
            let begun: Vec<_> = tasks.iter().filter(|task| cursor.events.contains(&task.event)).collect();
            if !begun.is_empty() {
                return self.part_of_one_audience(&begun, Some(&cursor.after)).await;
            }
        }
        let alike = |task: &&SpreadTask| interest_of(task) == interest_of(&tasks[0]);
        let group: Vec<_> = tasks.iter().take_while(alike).collect();
        let all_alike = group.len() == tasks.len();
        if !all_alike && let Some(portion) = self.several_audiences(tasks).await? {
            return Ok(portion);
        }
        self.part_of_one_audience(&group, None).await
    }

    /// Tasks that the same webhooks want, for the next of these.
    async fn part_of_one_audience(&self, group: &[&SpreadTask], after: Option<&str>) -> Result<Portion, StoreError> {
        let size = (PAGE / group.len().max(1)).max(1);
        let (project, event_type) = interest_of(group[0]);
        let found = self.spread.store.subscribers(&self.organization, project, event_type, after, size).await?;
        let entries: Vec<Entry> = group.iter().map(|task| entry_of(task)).collect();
        let queues = found.webhooks.into_iter().map(|webhook| (webhook, entries.clone())).collect();
        Ok(Portion { events: group.iter().map(|task| task.event).collect(), queues, next: found.next })
    }

    /// The first tasks, each for all that want it, as far as these are few enough for a page; `None` if those of the first are not.
    async fn several_audiences(&self, tasks: &[SpreadTask]) -> Result<Option<Portion>, StoreError> {
        let (interests, known) = look_ups(tasks, interest_of, |_| false);
        let audiences = join_all(interests.into_iter().map(|(project, event_type)| async move {
            let found = audience(&self.spread.store, &self.organization, project, event_type).await?;
            Ok::<_, StoreError>(((project, event_type), found))
        }));
        let audiences: BTreeMap<_, _> = audiences.await.into_iter().collect::<Result<_, _>>()?;
        let mut portion = Portion { events: Vec::new(), queues: Queues::new(), next: None };
        for task in &tasks[..known] {
            let Some(Audience::Few(webhooks)) = audiences.get(&interest_of(task)) else { break };
            for webhook in webhooks {
                portion.queues.entry(webhook.clone()).or_default().push(entry_of(task));
            }
            portion.events.push(task.event);
        }
        Ok((!portion.events.is_empty()).then_some(portion))
    }

    /// Queues what was left for one webhook, whose partition took no more writes.
    async fn late(&mut self, tasks: &[SpreadTask], webhook: &WebhookKey) -> Result<Page, StoreError> {
        let entries: Vec<Entry> = tasks.iter().map(entry_of).collect();
        let outcome = queue_up(&self.spread.store, &self.organization, webhook, &entries).await;
        if outcome.wake {
            self.spread.waker.wake(&[queue_key(&self.organization, webhook)]).await;
        }
        let done = outcome.failed.as_ref().map_or(tasks.len(), |(from, _)| *from);
        let events: Vec<EventId> = tasks[..done].iter().map(|task| task.event).collect();
        self.finish(&events).await?;
        match outcome.failed {
            Some((_, error)) if error.is_throttled() => Ok(Page::Throttled),
            Some((_, error)) => Err(error),
            None => self.progress(None, tasks.last().map(|task| task.event.next())).await,
        }
    }

    /// Ends tasks. They stay for as long as finished deliveries do, so that a record that comes again makes no second one.
    async fn finish(&self, events: &[EventId]) -> Result<(), StoreError> {
        let finish = Finish { state: DeliveryState::Delivered, reason: None, attempts: None };
        let ended = join_all(events.iter().map(|event| self.spread.store.finish(self.lane, *event, &finish))).await;
        ended.into_iter().try_for_each(|one| one.map(|_| ()))
    }

    /// Writes down how far the tasks have come, and that all below `head` are finished.
    async fn progress(&mut self, cursor: Option<SpreadCursor>, head: Option<EventId>) -> Result<Page, StoreError> {
        let renewal = Renewal { spread: Some(cursor), ..Renewal::default() };
        let kept = match head {
            Some(head) => self.rise(head, renewal).await?,
            None => self.renew(renewal).await?,
        };
        Ok(if kept { Page::Done } else { Page::Lost })
    }

    /// Goes on from `head`, and raises the lane's head to it unless something was touched since the pass began.
    async fn rise(&mut self, head: EventId, renewal: Renewal) -> Result<bool, StoreError> {
        self.from = Some(head);
        self.renew(Renewal { head: Some((head, self.touched)), ..renewal }).await
    }

    /// Keeps the lease and writes how far the work has come; false if the lease is lost.
    async fn renew(&mut self, renewal: Renewal) -> Result<bool, StoreError> {
        let store = &self.spread.store;
        let renewal = Renewal { until: store.clock().now().plus(LEASE), ..renewal };
        let Some(state) = store.renew(self.lane, &self.token, &renewal).await? else { return Ok(false) };
        self.state = state;
        Ok(true)
    }

    async fn release(&self, release: Release) -> Result<bool, StoreError> {
        self.spread.store.release(self.lane, &self.token, release, &Renewal::default()).await
    }
}

/// What has been put for webhooks that have ended their subscription since is touched: a worker may have died between the two.
fn former(tasks: &[SpreadTask], events: &[EventId], state: &LaneState) -> Queues {
    let mut queues = Queues::new();
    for task in tasks.iter().filter(|task| events.contains(&task.event)) {
        for webhook in state.former_at(task.event.time()) {
            queues.entry(webhook.clone()).or_default().push(Entry { former: true, ..entry_of(task) });
        }
    }
    queues
}

/// By what the webhooks that want a task are found.
fn interest_of(task: &SpreadTask) -> (Option<&str>, &str) {
    (task.project.as_deref(), &task.event_type)
}

fn entry_of(task: &SpreadTask) -> Entry {
    Entry {
        event: task.event,
        partition: task.event_partition.clone(),
        project: task.project.clone(),
        event_type: task.event_type.clone(),
        weight: task.weight,
        former: false,
    }
}
