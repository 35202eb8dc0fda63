//! The cheap part of the scale scenario (docs/performance.md).

use std::time::Duration;

use shared::domain::{Api, WebhookKey};

use crate::support::simulated::{
    Aws, Draft, Engine, InOrder,
    scale::{Load, run},
    url, wants,
};

#[test]
fn endpoints_in_trouble_delay_no_healthy_one() {
    let load = Load { organizations: 20, webhooks: 100, crowd: 40, ..Load::new(2, Duration::from_secs(150)) };
    let (calm, troubled) = (run(Load { trouble: false, ..load }), run(load));
    for (calm, troubled) in [(&calm.single, &troubled.single), (&calm.crowd, &troubled.crowd)] {
        assert!(calm.expected > 0 && calm.expected == troubled.expected);
        assert_eq!((calm.took.len(), troubled.took.len()), (calm.expected, troubled.expected), "each once");
        for hundredths in [50, 99] {
            let (quiet, loud) = (calm.percentile(hundredths), troubled.percentile(hundredths));
            assert!(loud <= quiet.mul_f64(1.2), "{hundredths}: {loud:?} instead of {quiet:?}");
        }
    }
    assert_eq!(troubled.throttles, 0);
}

#[test]
fn a_batch_of_many_types_is_queued_without_being_brought_again() {
    let mut engine = Engine::on(Aws { environments: None, ..Aws::USUAL }, InOrder, 1, true);
    engine.event_shards = 1;
    let names: Vec<String> = (0..100).map(|number| format!("t{number}")).collect();
    for name in &names {
        let key = WebhookKey { api: Api::Flip, id: name.clone() };
        engine.webhook_of(&engine.organization.clone(), key, name, |webhook| webhook.subscriptions = vec![wants(name)]);
    }
    for name in names.clone() {
        let draft = Draft { event_type: name, ..engine.draft() };
        engine.publish_draft(draft);
    }
    engine.run();
    engine.assert_quiet();
    for (event, name) in (0..).zip(&names) {
        assert_eq!(engine.receiver.accepted(&url(name)), [event], "{name}");
    }
}
