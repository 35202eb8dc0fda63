//! Whose turn it is, on environments that are no processes.

use std::{cell::Cell, collections::BTreeMap};

use super::*;

struct Bench {
    account: Account,
    next: Cell<u64>,
}

/// What an invocation's caller holds.
struct Caller {
    placed: oneshot::Receiver<()>,
    answer: oneshot::Receiver<Outcome>,
    _taken: oneshot::Receiver<u64>,
}

impl Bench {
    fn new(places: usize) -> Self {
        Self { account: Account::new(Places::new(places, BTreeMap::new()).unwrap()), next: Cell::new(1) }
    }

    fn invoke(&self, function: &str, id: &str) -> Caller {
        let text = format!(
            "Resources: {{{function}: {{Type: AWS::Serverless::Function, Metadata: {{BuildProperties: {{Binary: f}}}}}}}}"
        );
        let function = Arc::new(crate::template::Template::parse(&text, "t").unwrap().functions.remove(0));
        let (placed, (taken, reply)) = (oneshot::channel(), (oneshot::channel(), oneshot::channel()));
        let (id, payload) = (id.to_owned(), Bytes::new());
        let invocation = Invocation { id, function, payload, placed: Some(placed.0), taken: taken.0, reply: reply.0 };
        self.account.enqueue(invocation);
        self.dispatch();
        Caller { placed: placed.1, answer: reply.1, _taken: taken.1 }
    }

    fn dispatch(&self) {
        self.account.dispatch(|_| Ok((self.next.replace(self.next.get() + 1), Process::new(0).0)));
    }

    /// Has the environment ask for its next invocation: its id.
    fn takes(&self, environment: u64) -> Option<String> {
        self.account.take(environment).map(|(id, ..)| id)
    }

    fn settles(&self, environment: u64, id: &str) {
        assert!(self.account.settle(environment, id, Ok(Bytes::new())));
        self.dispatch();
    }
}

#[test]
fn invocations_have_their_turn_in_the_order_in_which_they_came() {
    let bench = Bench::new(1);
    let [_first, mut other, _third] = [("A", "1"), ("B", "2"), ("A", "3")].map(|(f, id)| bench.invoke(f, id));
    assert_eq!(bench.takes(1).as_deref(), Some("1"));
    assert!(other.placed.try_recv().is_err());
    bench.settles(1, "1");
    // The first environment makes room for B although A has more to do.
    assert_eq!(bench.takes(1), None);
    bench.account.gone(1);
    bench.dispatch();
    assert!(other.placed.try_recv().is_ok());
    assert_eq!(bench.takes(2).as_deref(), Some("2"));
    bench.settles(2, "2");
    bench.account.gone(2);
    bench.dispatch();
    assert_eq!(bench.takes(3).as_deref(), Some("3"));
}

#[test]
fn who_has_given_up_waiting_is_passed_over() {
    let bench = Bench::new(1);
    let _first = bench.invoke("A", "1");
    assert_eq!(bench.takes(1).as_deref(), Some("1"));
    drop(bench.invoke("A", "2"));
    let _third = bench.invoke("A", "3");
    bench.settles(1, "1");
    assert_eq!(bench.takes(1).as_deref(), Some("3"));
}

#[test]
fn what_an_environment_had_not_taken_yet_goes_to_another_when_it_is_killed() {
    let bench = Bench::new(1);
    let mut first = bench.invoke("A", "1");
    assert_eq!(bench.account.kill_all(false, &InvocationFailure::Ended("killed".to_owned())).len(), 1);
    bench.account.gone(1);
    bench.dispatch();
    assert_eq!(bench.takes(2).as_deref(), Some("1"));
    assert!(first.answer.try_recv().is_err());
}

#[test]
fn what_an_environment_that_cannot_start_was_to_take_fails() {
    let bench = Bench::new(1);
    let mut first = bench.invoke("A", "1");
    let why = InvocationFailure::Ended("no such file".to_owned());
    assert!(bench.account.ended(1, &why));
    assert_eq!(first.answer.try_recv().unwrap(), Err(why));
}

#[test]
fn an_environment_is_closed_after_five_idle_minutes() {
    let bench = Bench::new(2);
    let (_first, _second) = (bench.invoke("A", "1"), bench.invoke("B", "2"));
    assert_eq!((bench.takes(1).as_deref(), bench.takes(2).as_deref()), (Some("1"), Some("2")));
    bench.settles(1, "1");
    bench.account.retire(Instant::now() + IDLE - Duration::from_secs(1));
    assert!(bench.account.is_open(1));
    bench.account.retire(Instant::now() + IDLE);
    assert!(!bench.account.is_open(1));
    assert!(bench.account.is_open(2), "it is not idle, however long it takes");
}

#[tokio::test]
async fn an_environment_that_is_to_end_gets_no_answer_any_more() {
    let bench = Bench::new(1);
    let _first = bench.invoke("A", "1");
    let _ = bench.account.kill_all(true, &InvocationFailure::Ended("stopping".to_owned()));
    let next = bench.account.next(1);
    assert!(futures_util::FutureExt::now_or_never(next).is_none(), "an answer without an invocation is a panic there");
}
