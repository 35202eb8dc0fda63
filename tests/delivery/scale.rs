//! The cheap part of the scale scenario (docs/performance.md).

use std::time::Duration;

use crate::support::simulated::scale::{Load, run};

#[test]
fn endpoints_in_trouble_delay_no_healthy_one_at_one_event_a_second() {
    let load = Load { organizations: 20, webhooks: 100, crowd: 40, ..Load::new(1, Duration::from_secs(40)) };
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
