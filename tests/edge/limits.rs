//! How many webhooks an organization may have through each API.

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::join_all;
use shared::domain::{Api, OrganizationId, WebhookLimits};

use super::{collection, id_of, new};
use crate::support::World;

#[tokio::test(flavor = "multi_thread")]
async fn each_api_refuses_a_webhook_beyond_its_own_limit_in_its_own_shape() {
    let world = World::new().await;
    world.allow_webhooks(2).await;
    let mut refusals = Vec::new();
    for &api in Api::ALL {
        let list = collection(&world, api);
        let make = async |name: &str| world.ask(&world.token, "POST", &list, Some(&new(api, name))).await;
        let first = make("A").await;
        assert!(matches!(first.status, 200 | 201), "{api}: {}", first.text);
        assert!(matches!(make("B").await.status, 200 | 201), "{api}");
        let refused = make("C").await;
        refusals.push(format!("{api} {}", refused.shown()));
        let one = format!("{}/{}", list.trim_end_matches('/'), id_of(api, &first.json()));
        assert!(matches!(world.ask(&world.token, "DELETE", &one, None).await.status, 200 | 204), "{api}");
        let again = make("D").await;
        assert!(matches!(again.status, 200 | 201), "{api}: who deletes one may make another: {}", again.text);
    }
    insta::assert_snapshot!(refusals.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_make_no_more_than_the_limit() {
    let world = World::new().await;
    let (list, limit) = (collection(&world, Api::Socotra), 10);
    world.allow_webhooks(limit).await;
    let made =
        join_all((0..30).map(|number| {
            let (world, list) = (&world, &list);
            async move {
                world.ask(&world.token, "POST", list, Some(&new(Api::Socotra, &format!("N{number}")))).await.status
            }
        }));
    let made = made.await;
    assert_eq!(made.iter().filter(|status| **status == 200).count(), 10, "{made:?}");
    assert_eq!(made.iter().filter(|status| **status == 409).count(), 20, "{made:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organization_of_the_version_before_has_the_default() {
    let world = World::new().await;
    let organization = world.organization("before", 7).await;
    let mut update = world.stack.database().update_item().table_name(world.stack.table("WebhooksTable"));
    for (name, value) in [("pk", "ORG#before"), ("sk", "ORG")] {
        update = update.key(name, AttributeValue::S(value.to_owned()));
    }
    let removal =
        "REMOVE sdelements_webhook_limit, akinon_webhook_limit, socotra_webhook_limit, operations_webhook_limit";
    update.update_expression(removal).condition_expression("attribute_exists(flags)").send().await.unwrap();
    let read = world.stack.store().organization(&OrganizationId::parse("before").unwrap()).await.unwrap().unwrap();
    assert_eq!(read, organization);
    let limits: Vec<_> = Api::ALL.iter().map(|&api| read.webhook_limit(api)).collect();
    assert_eq!((limits, WebhookLimits::DEFAULT), (vec![100, 7, 100, 100, 100], 100));
}
