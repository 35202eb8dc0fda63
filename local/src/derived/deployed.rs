//! The functions that the template has under any of its conditions, as far as other files repeat them.

use serde_json::Value;
use serde_yaml_ng as yaml;

use crate::resolve::plain;

/// The binary that answers what no other does.
const FALLBACK: &str = "fallback";

/// The fallback that has the paths of the operations API.
const OPERATIONS: &str = "OperationsFallback";

/// A function of the template.
#[derive(Debug)]
pub(super) struct Deployed {
    /// Its logical id.
    pub(super) id: String,
    /// The name of its binary.
    pub(super) binary: String,
    /// What it does.
    pub(super) description: String,
    /// What its events of the API are called, with their methods and paths.
    pub(super) routes: Vec<Route>,
}

/// An event of the API.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) name: String,
    pub(super) method: String,
    pub(super) path: String,
}

impl Route {
    /// Whether it is for any method.
    pub(super) fn takes_any(&self) -> bool {
        self.method == "ANY"
    }
}

impl Deployed {
    /// Its source, below `functions`: the first word of the binary's name is its folder.
    pub(super) fn source(&self) -> String {
        format!("{}.rs", self.module())
    }

    /// Its source without the extension.
    pub(super) fn module(&self) -> String {
        let name = match self.binary.split_once('-') {
            Some((folder, name)) => format!("{folder}/{name}"),
            None => self.binary.clone(),
        };
        name.replace('-', "_")
    }

    /// Whether it answers what no other function does.
    pub(super) fn is_fallback(&self) -> bool {
        self.binary == FALLBACK
    }

    /// Whether it is the fallback with the paths of the operations API, or, with false, the one with all others.
    pub(super) fn is_fallback_of(&self, operations: bool) -> bool {
        self.is_fallback() && (self.id == OPERATIONS) == operations
    }
}

/// The functions of a template's text, in their order; or what is wrong, and where.
pub(super) fn deployed(template: &str) -> Result<Vec<Deployed>, String> {
    let document: yaml::Value = yaml::from_str(template).map_err(|error| error.to_string())?;
    let document = plain(document);
    let resources = document["Resources"].as_object().ok_or("Resources are missing")?;
    let functions = resources.iter().filter(|(_, resource)| resource["Type"] == "AWS::Serverless::Function");
    functions.map(|(id, resource)| function(id, resource).map_err(|why| format!("Resources.{id}: {why}"))).collect()
}

fn function(id: &str, resource: &Value) -> Result<Deployed, String> {
    let properties = &resource["Properties"];
    let binary = resource["Metadata"]["BuildProperties"]["Binary"].as_str();
    let description = properties["Description"].as_str();
    let mut routes = Vec::new();
    for (name, event) in properties["Events"].as_object().into_iter().flatten() {
        if event["Type"] == "Api" {
            let text = |of: &str| event["Properties"][of].as_str().ok_or_else(|| format!("{name} has no {of}"));
            let (method, path) = (text("Method")?.to_uppercase(), text("Path")?.to_owned());
            routes.push(Route { name: name.clone(), method, path });
        }
    }
    Ok(Deployed {
        id: id.to_owned(),
        binary: binary.ok_or("Metadata.BuildProperties.Binary is missing")?.to_owned(),
        description: description.ok_or("Properties.Description is missing")?.to_owned(),
        routes,
    })
}
