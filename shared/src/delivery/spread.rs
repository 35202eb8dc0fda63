//! Spreading: queueing an event for the many webhooks that want it, page by page, beside the stream.
//!
//! Fan-out leaves a task in the organization's lane; one worker at a time, under the lane's lease, works its tasks off in order.
//! Tasks that follow each other and that the same webhooks want go together, so that each queue is touched once for all of them.
//! How far they have come is written down after each page: a crash repeats a page, which adds no delivery.

use std::{sync::Arc, time::Duration};

use futures_util::{StreamExt as _, future::join_all, stream};

use super::{
    queueing::{Entry, Outcome, leave_for_later, queue_up},
    waker::{LANES_AN_INVOCATION, SpreadCommand, Wake},
};
use crate::{
    domain::{DeliveryState, EventId, OrganizationId, QueueState, SpreadCursor, WebhookKey},
    store::{
        DeliveryStore as _, Finish, Lease, QueueStore as _, Release, Renewal, SKEW_MS, SpreadTask, Store, StoreError,
        organization_of, queue_key,
    },
};

/// How long a lease of a lane lasts; it is renewed after each page.
const LEASE: Duration = Duration::from_secs(30);

/// With less of the invocation left than this, no page begins.
const LEAST_LEFT: Duration = Duration::from_secs(10);

/// How many webhooks of a page are queued for at once.
const AT_ONCE: usize = 16;

/// How many tasks go together at the most.
const TOGETHER: usize = 25;

/// About how many deliveries a page has.
const PAGE: usize = 500;

/// How long a lane is left alone whose webhook's partition takes no writes.
const BREATH: Duration = Duration::from_secs(2);

/// How often in a row lanes may be handed over from invocation to invocation before they are left to the tick.
const MAX_HANDOVERS: u32 = 240;

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
        let token = crate::auth::hex(&self.store.random::<16>());
        let until = self.store.clock().now().plus(LEASE);
        let Lease::Taken(state) = self.store.lease(lane, &token, until, false).await? else {
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
            if store.clock().monotonic() + LEAST_LEFT > self.deadline {
                self.release(Release::More).await?;
                return Ok(Left::More);
            }
            // The place is kept here, too: the head does not rise while the lane is touched. What is put behind the place is touched,
            // so that neither the head nor an empty release takes effect, and the next pass begins at the head.
            let (tasks, beyond) = store.tasks(self.lane, self.from.or(self.state.head), TOGETHER).await?;
            if tasks.is_empty() {
                let kept = match beyond {
                    Some(beyond) => self.rise(beyond, Renewal::default()).await?,
                    None if self.release(Release::Empty { touched: self.touched }).await? => false,
                    None => {
                        let kept = self.renew(Renewal::default()).await?;
                        (self.from, self.touched) = (None, self.state.touched);
                        kept
                    }
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

    /// Queues the first tasks for the next webhooks that want them.
    async fn page(&mut self, tasks: &[SpreadTask]) -> Result<Page, StoreError> {
        let store = &self.spread.store;
        let (group, after) = self.group(tasks);
        let Some(first) = group.first() else { return Ok(Page::Done) };
        let size = (PAGE / group.len()).max(1);
        let (project, event_type) = (first.project.as_deref(), &first.event_type);
        let found = store.subscribers(&self.organization, project, event_type, after.as_deref(), size).await?;
        let entries: Vec<Entry> = group.iter().map(|task| entry_of(task)).collect();
        let (entries, organization) = (&entries, &self.organization);
        let queued = stream::iter(&found.webhooks).map(|webhook| async move {
            let outcome = queue_up(store, organization, webhook, entries).await;
            let late = match &outcome.failed {
                Some((from, error)) if error.is_throttled() => {
                    Some(leave_for_later(store, organization, webhook, &entries[*from..]).await)
                }
                _ => None,
            };
            (webhook, outcome, late)
        });
        let queued: Vec<_> = queued.buffer_unordered(AT_ONCE).collect().await;
        let (mut due, mut lanes, mut first_error) = (Vec::new(), Vec::new(), Ok(()));
        for (webhook, Outcome { wake, failed }, late) in queued {
            if wake {
                due.push(queue_key(organization, webhook));
            }
            match (failed, late) {
                (None, _) => {}
                (Some(_), Some(Ok((lane, wake)))) => lanes.extend(wake.then_some(lane)),
                (Some((_, error)), _) => first_error = first_error.and(Err(error)),
            }
        }
        due.sort();
        futures_util::future::join(self.spread.waker.wake(&due), self.spread.waker.spread(&lanes, 0)).await;
        first_error?;
        let events: Vec<EventId> = group.iter().map(|task| task.event).collect();
        match found.next {
            Some(after) => self.progress(Some(SpreadCursor { events, after }), None).await,
            None => {
                self.touch_former(entries).await?;
                self.finish(&events).await?;
                let next = tasks.iter().find(|task| !events.contains(&task.event)).map(|task| task.event);
                self.progress(None, next.or_else(|| tasks.last().map(|task| task.event.next()))).await
            }
        }
    }

    /// Touches what was put for webhooks that have ended their subscription since: a worker may have died between the two.
    async fn touch_former(&self, entries: &[Entry]) -> Result<(), StoreError> {
        let (store, organization) = (&self.spread.store, &self.organization);
        let former = store.lane_state(organization).await?.former;
        let touched = stream::iter(&former).map(|(webhook, removed)| async move {
            let put = entries.iter().filter(|entry| entry.event.time().0 <= removed.0 + SKEW_MS);
            let put: Vec<Entry> = put.map(|entry| Entry { former: true, ..entry.clone() }).collect();
            (webhook, queue_up(store, organization, webhook, &put).await)
        });
        let touched: Vec<_> = touched.buffer_unordered(AT_ONCE).collect().await;
        let due: Vec<_> = touched
            .iter()
            .filter(|(_, outcome)| outcome.wake)
            .map(|(webhook, _)| queue_key(organization, webhook))
            .collect();
        self.spread.waker.wake(&due).await;
        touched.into_iter().find_map(|(_, outcome)| outcome.failed).map_or(Ok(()), |(_, error)| Err(error))
    }

    /// The tasks that go together next, and after which webhook: those that are on their way already, or the first ones that the
    /// same webhooks want.
    fn group<'t>(&self, tasks: &'t [SpreadTask]) -> (Vec<&'t SpreadTask>, Option<String>) {
        if let Some(cursor) = &self.state.spread {
            let begun: Vec<_> = tasks.iter().filter(|task| cursor.events.contains(&task.event)).collect();
            if !begun.is_empty() {
                return (begun, Some(cursor.after.clone()));
            }
        }
        let alike = |task: &&SpreadTask| {
            task.only.is_none() && task.project == tasks[0].project && task.event_type == tasks[0].event_type
        };
        (tasks.iter().take_while(alike).collect(), None)
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
