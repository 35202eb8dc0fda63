//! What the documents say of the code is so.

use serde_yaml_ng::Value;

use crate::support::root;

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn every_alarm_has_its_instructions() {
    let template: Value = serde_yaml_ng::from_str(&read("template.yaml")).unwrap();
    let resources = template["Resources"].as_mapping().unwrap().iter();
    let alarms = resources.filter(|(_, resource)| resource["Type"] == "AWS::CloudWatch::Alarm");
    let mut there: Vec<String> = alarms.map(|(id, _)| id.as_str().unwrap().to_owned()).collect();
    let operating = read("docs/operating.md");
    let rows = operating.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("Alarm` |"));
    let mut said: Vec<String> = rows.map(|(name, _)| format!("{name}Alarm")).collect();
    there.sort();
    said.sort();
    assert_eq!(said, there);
}

#[test]
fn every_deviation_that_the_comparison_with_drf_allows_is_documented() {
    let (tool, document) = (read("tools/drf_differential.py"), read("docs/compatibility.md"));
    let names: Vec<_> = tool.split("Allowed(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(names.len() >= 15, "{names:?}");
    for name in names {
        assert!(document.contains(&format!("\n| {name} | ")), "docs/compatibility.md does not list: {name}");
    }
}

#[test]
fn every_test_that_the_threat_model_names_is_there() {
    let security = read("docs/security.md");
    let tables = security.split("| threat | defence | test |").skip(1);
    let rows = tables.flat_map(|rest| rest.split("\n\n").next().unwrap().trim_end().lines().skip(2));
    for line in rows {
        let tests = line.trim_end_matches([' ', '|']).rsplit('|').next().unwrap();
        let mut named = 0;
        for name in tests.split('`').skip(1).step_by(2) {
            let there = |path: &str| root().join(path).exists();
            assert!(there(name) || there(&format!("tests/{name}")), "there is no {name}: {line}");
            named += 1;
        }
        assert!(named > 0, "no test: {line}");
    }
}

#[test]
fn every_page_of_the_documentation_is_in_the_site_and_every_link_leads_somewhere() {
    assert_eq!(local::docs::problems(&root()).unwrap(), [""; 0]);
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("docs");
    local::docs::write(&root(), &folder).unwrap();
    let delivery = std::fs::read_to_string(folder.join("delivery.html")).unwrap();
    assert!(delivery.contains("<h2 id=\"replies\">") && delivery.contains("href=\"index.html\""), "{delivery}");
}
