//! Spread: queues an event for the many webhooks that want it, page by page, outside the stream.
//!
//! Fan-out puts a spread task into the organization's lane. One worker at a time holds the lane's lease and does its
//! tasks in order. Consecutive tasks that the same webhooks want are done together, so that each queue is touched once
//! for all of them. The progress is stored after each page. After a crash the page is repeated, which adds no delivery.

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

/// How long the lease of a lane lasts. It is renewed after each page.
const LEASE: Duration = Duration::from_secs(30);

/// With less of the invocation's time left than this, no page starts.
const MIN_TIME_LEFT: Duration = Duration::from_secs(10);

/// How many webhooks' queues are written to at the same time.
const AT_ONCE: usize = 16;

/// The most tasks that are done together.
const TOGETHER: usize = 25;

/// About how many deliveries a page has.
const PAGE: usize = 500;

/// How long a late lane is delayed when DynamoDB throttles writes to its webhook's partition.
const BREATH: Duration = Duration::from_secs(2);

/// The spread function with its dependencies.
#[derive(Clone)]
pub struct Spread {
    /// The tables.
    pub store: Store,
    /// Wakes drain for the queues that were filled, and spread for late lanes and for lanes with tasks left.
    pub waker: Arc<dyn Wake>,
}

impl std::fmt::Debug for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Spread").field("store", &self.store).finish_non_exhaustive()
    }
}

impl Spread {
    /// Works on the command's lanes at the same time, within `budget`. Lanes with tasks left when the time is up are
    /// handed over to another invocation, at most 240 times in a row. Returns how many lanes failed. Those
    /// are logged and stay due, so that the tick wakes spread for them again.
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
    /// Nothing to do for this worker: the lane is empty, delayed, or leased by another worker.
    Alone,
    /// The time was up while tasks were left.
    More,
}

/// The result of working on one page.
enum Page {
    /// The page is queued and the progress is stored.
    Done,
    /// DynamoDB throttles writes to the webhook's partition.
    Throttled,
    /// Another worker has the lease.
    Lost,
}

/// The entries to queue for each webhook.
type Queues = BTreeMap<WebhookKey, Vec<Entry>>;

/// What is queued in one page.
struct Portion {
    /// The events of the tasks that the page is for.
    events: Vec<EventId>,
    queues: Queues,
    /// The cursor after which further webhooks want these events; `None` if this was the last page for them.
    next: Option<String>,
}

/// A worker that holds the lease of a lane.
struct Worker<'a> {
    /// Where this pass reads on; `None` for the lane's head.
    from: Option<EventId>,
    /// The lane's count of touches when this pass began.
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

    /// The next pending tasks, from `from` on, or from the lane's head if there is no `from`. Also returns where to
    /// read on if only finished tasks were found and there may be more. `from` is needed because the head cannot rise
    /// while the lane keeps being touched. A task that is put before `from` also touches the lane. Then neither raising
    /// the head nor releasing the lane as empty succeeds, and the next pass starts at the head.
    async fn next(&self) -> Result<(Vec<SpreadTask>, Option<EventId>), StoreError> {
        self.spread.store.tasks(self.lane, self.from.or(self.state.head), TOGETHER).await
    }

    /// Releases the lane after no pending task was found. Returns true if the work must go on, because tasks were put
    /// meanwhile.
    async fn end(&mut self) -> Result<bool, StoreError> {
        let (store, organization) = (&self.spread.store, &self.organization);
        let mark = match webhook_of_late_lane(self.lane) {
            Some(webhook) => store.late_mark(organization, &webhook).await?.map(|mark| (webhook, mark)),
            None => None,
        };
        // Tasks for a late lane are put before the webhook is marked. So this second look, after the mark was read,
        // sees every task that was put before that mark, unless another worker has the lease by now and has queued it.
        if mark.is_some() && self.next().await? != (Vec::new(), None) {
            return Ok(true);
        }
        if self.release(Release::Empty { touched: self.touched }).await? {
            if let Some((webhook, mark)) = mark {
                // The webhook has caught up: its later events are queued directly again.
                store.unmark_late(organization, &webhook, &mark).await?;
            }
            return Ok(false);
        }
        let kept = self.renew(Renewal::default()).await?;
        (self.from, self.touched) = (None, self.state.touched);
        Ok(kept)
    }

    /// Works on one page: queues the events of the first tasks for the next webhooks that want them.
    async fn page(&mut self, tasks: &[SpreadTask]) -> Result<Page, StoreError> {
        let Portion { events, queues, next } = self.portion(tasks).await?;
        // The lane is read after the subscribers: a webhook that unsubscribed before they were read has left a trace in
        // it.
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

    /// Queues each webhook's entries, or puts them into its late lane. Wakes drain for the queues and spread for the
    /// late lanes.
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

    /// Chooses the next page: the next webhooks for tasks that are partly done, or else as many of the first tasks as
    /// fit.
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

    /// A page of tasks that the same webhooks want, for the next of these webhooks after `after`.
    async fn part_of_one_audience(&self, group: &[&SpreadTask], after: Option<&str>) -> Result<Portion, StoreError> {
        let size = (PAGE / group.len().max(1)).max(1);
        let (project, event_type) = interest_of(group[0]);
        let found = self.spread.store.subscribers(&self.organization, project, event_type, after, size).await?;
        let entries: Vec<Entry> = group.iter().map(|task| entry_of(task)).collect();
        let of = |webhook: &WebhookKey| {
            let entries = entries.iter().filter(|entry| entry.about.as_ref() != Some(webhook));
            entries.cloned().collect::<Vec<Entry>>()
        };
        let queues = found.webhooks.into_iter().map(|webhook| (webhook.clone(), of(&webhook))).collect();
        Ok(Portion { events: group.iter().map(|task| task.event).collect(), queues, next: found.next })
    }

    /// A page of the first tasks, each for all the webhooks that want it, up to the first task that many webhooks want.
    /// `None` if that is already the first.
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
            for webhook in webhooks.iter().filter(|webhook| task.about.as_ref() != Some(*webhook)) {
                portion.queues.entry(webhook.clone()).or_default().push(entry_of(task));
            }
            portion.events.push(task.event);
        }
        Ok((!portion.events.is_empty()).then_some(portion))
    }

    /// Queues the tasks of a late lane for its one webhook.
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

    /// Marks tasks as finished. Their items stay as long as those of finished deliveries, so that a stream record that
    /// is delivered again does not create the task a second time.
    async fn finish(&self, events: &[EventId]) -> Result<(), StoreError> {
        let finish = Finish { state: DeliveryState::Delivered, reason: None, attempts: None };
        let ended = join_all(events.iter().map(|event| self.spread.store.finish(self.lane, *event, &finish))).await;
        ended.into_iter().try_for_each(|one| one.map(|_| ()))
    }

    /// Stores the progress of the first tasks. With `head`, all tasks below it are finished.
    async fn progress(&mut self, cursor: Option<SpreadCursor>, head: Option<EventId>) -> Result<Page, StoreError> {
        let renewal = Renewal { spread: Some(cursor), ..Renewal::default() };
        let kept = match head {
            Some(head) => self.rise(head, renewal).await?,
            None => self.renew(renewal).await?,
        };
        Ok(if kept { Page::Done } else { Page::Lost })
    }

    /// Continues from `head`, and raises the lane's head to it unless the lane was touched since this pass began. False
    /// if the lease is lost.
    async fn rise(&mut self, head: EventId, renewal: Renewal) -> Result<bool, StoreError> {
        self.from = Some(head);
        self.renew(Renewal { head: Some((head, self.touched)), ..renewal }).await
    }

    /// Renews the lease and stores the progress; false if the lease is lost.
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

/// The entries for webhooks that unsubscribed after these events were accepted. Their deliveries may have been put by a
/// worker that died before it touched their queues.
fn former(tasks: &[SpreadTask], events: &[EventId], state: &LaneState) -> Queues {
    let mut queues = Queues::new();
    for task in tasks.iter().filter(|task| events.contains(&task.event)) {
        for webhook in state.former_at(task.event.time()) {
            queues.entry(webhook.clone()).or_default().push(Entry { former: true, ..entry_of(task) });
        }
    }
    queues
}

/// The project and event type by which the webhooks that want a task's event are found.
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
        about: task.about.clone(),
        former: false,
    }
}
