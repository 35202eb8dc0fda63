//! What derives from `template.yaml`, written by `cargo local routes`: the binaries of `functions/Cargo.toml`, the router of
//! `cargo lambda watch`, the table of routes in `docs/routes.md`, and the events of the fallback.

mod deployed;
mod region;
mod texts;

use std::{fs, io, path::Path};

use deployed::deployed;
use texts::{binaries, fallback_events, router, table};

/// Why what derives from the template cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum DerivedError {
    /// A file cannot be read or written.
    #[error("{0}: {1}")]
    File(String, io::Error),
    /// The template is not as this command expects it.
    #[error("template.yaml: {0}")]
    Template(String),
    /// A file has no region for what is written, or more than one.
    #[error("{0} needs one line that contains \"begin: {NAME}\", and after it one that contains \"end: {NAME}\"")]
    Region(String),
    /// The source of a function does not exist. With its binary in the manifest, cargo would refuse every command.
    #[error("functions/{0} does not exist: write the function first")]
    NoSource(String),
}

/// What the marks of a region say.
const NAME: &str = "written by `cargo local routes`";

/// What the marks say of the region with the paths of the operations API.
const OPERATIONS: &str = "the operations API's, written by `cargo local routes`";

/// Each file with what derives from the template, by its path below the root, and its text as it should be.
///
/// # Errors
///
/// When a file cannot be read or has no region for what derives, the template is not understood, or a function has no source.
pub fn files(root: &Path) -> Result<Vec<(&'static str, String)>, DerivedError> {
    let read = |name: &str| fs::read_to_string(root.join(name)).map_err(|error| file_error(name, error));
    let template = read("template.yaml")?;
    let functions = deployed(&template).map_err(DerivedError::Template)?;
    if let Some(function) = functions.iter().find(|function| !root.join("functions").join(function.source()).is_file())
    {
        return Err(DerivedError::NoSource(function.source()));
    }
    let replaced = |name: &'static str, text: &str, content: &str| {
        let whole = region::replaced(text, NAME, content).ok_or_else(|| DerivedError::Region(name.to_owned()))?;
        Ok((name, whole))
    };
    let region = |name: &str, operations: bool, text: String| {
        let events = fallback_events(&functions, operations).map_err(DerivedError::Template)?;
        let Some(events) = events else { return Ok(text) };
        region::replaced(&text, name, &events).ok_or_else(|| DerivedError::Region("template.yaml".to_owned()))
    };
    let template = region(OPERATIONS, true, region(NAME, false, template.clone())?)?;
    Ok(vec![
        replaced("functions/Cargo.toml", &read("functions/Cargo.toml")?, &binaries(&functions))?,
        replaced("CargoLambda.toml", &read("CargoLambda.toml")?, &router(&functions))?,
        replaced("docs/routes.md", &read("docs/routes.md")?, &table(&functions))?,
        ("template.yaml", template),
    ])
}

/// Writes the files that are not as they should be, and returns their paths below the root.
///
/// # Errors
///
/// As [`files`], and when a file cannot be written.
pub fn write(root: &Path) -> Result<Vec<&'static str>, DerivedError> {
    let mut written = Vec::new();
    for (name, text) in files(root)? {
        let path = root.join(name);
        if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            fs::write(path, text).map_err(|error| file_error(name, error))?;
            written.push(name);
        }
    }
    Ok(written)
}

fn file_error(name: &str, error: io::Error) -> DerivedError {
    DerivedError::File(name.to_owned(), error)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    const TEMPLATE: &str = "\
Resources:
  List:
    Type: AWS::Serverless::Function
    Condition: NeverMind
    Metadata: {BuildProperties: {Binary: api-list-things}}
    Properties:
      Description: A page of things
      Events:
        Get: {Type: Api, Properties: {Path: /things, Method: GET}}
        Head: {Type: Api, Properties: {Path: /things, Method: HEAD}}
  Make:
    Type: AWS::Serverless::Function
    Metadata: {BuildProperties: {Binary: api-make-thing}}
    Properties:
      Description: Create one
      Events:
        Post: {Type: Api, Properties: {Path: /things, Method: POST}}
        Other: {Type: Api, Properties: {Path: '/things/{thing_id}/copy', Method: POST}}
  Tick:
    Type: AWS::Serverless::Function
    Metadata: {BuildProperties: {Binary: tick}}
    Properties: {Description: Each minute}
  Fallback:
    Type: AWS::Serverless::Function
    Metadata: {BuildProperties: {Binary: fallback}}
    Properties:
      Description: The rest
      Events:
        # begin: written by `cargo local routes`
        Kept: {Type: Api, Properties: {Path: /things, Method: ANY}}
        Gone: {Type: Api, Properties: {Path: /gone, Method: ANY}}
        # end: written by `cargo local routes`
";

    /// A repository of the template above, whose other files have regions that are empty.
    fn repository(name: &str) -> PathBuf {
        let root = std::env::temp_dir().join(format!("outhook-derived-{name}-{}", std::process::id()));
        fs::create_dir_all(root.join("functions/api")).unwrap();
        fs::create_dir_all(root.join("docs")).unwrap();
        for source in ["api/list_things.rs", "api/make_thing.rs", "tick.rs", "fallback.rs"] {
            fs::write(root.join("functions").join(source), "").unwrap();
        }
        let region =
            "before\n# begin: written by `cargo local routes`\n# end: written by `cargo local routes`\nafter\n";
        for file in ["functions/Cargo.toml", "CargoLambda.toml", "docs/routes.md"] {
            fs::write(root.join(file), region).unwrap();
        }
        fs::write(root.join("template.yaml"), TEMPLATE).unwrap();
        root
    }

    #[test]
    fn a_function_of_the_template_gets_all_that_derives_from_it() {
        let root = repository("all");
        assert_eq!(
            write(&root).unwrap(),
            ["functions/Cargo.toml", "CargoLambda.toml", "docs/routes.md", "template.yaml"]
        );
        let read = |name: &str| {
            let text = fs::read_to_string(root.join(name)).unwrap();
            let (_, rest) = text.split_once("# begin: written by `cargo local routes`\n").unwrap();
            rest.split_once("# end: written").unwrap().0.to_owned()
        };
        let manifest = read("functions/Cargo.toml");
        let bin = "[[bin]]\nname = \"api-list-things\"\npath = \"api/list_things.rs\"\ntest = false\n";
        assert!(manifest.starts_with(bin), "{manifest}");
        assert_eq!(manifest.matches("[[bin]]").count(), 4);
        let entry = |method: &str, function: &str| format!("{{ method = \"{method}\", function = \"{function}\" }}");
        let things =
            [entry("GET", "api-list-things"), entry("HEAD", "api-list-things"), entry("POST", "api-make-thing")]
                .join(", ");
        let copy = entry("POST", "api-make-thing");
        assert_eq!(
            read("CargoLambda.toml"),
            format!(
                "\"/things\" = [{things}]\n\"/things/\" = [{things}]\n\
                 \"/things/{{thing_id}}/copy\" = [{copy}]\n\"/things/{{thing_id}}/copy/\" = [{copy}]\n"
            )
        );
        assert_eq!(
            read("docs/routes.md"),
            "| route | what it does | function |\n|---|---|---|\n\
             | `GET /things` | A page of things | `api/list_things` |\n\
             | `POST /things` | Create one | `api/make_thing` |\n\
             | `POST /things/{thing_id}/copy` | Create one | `api/make_thing` |\n"
        );
        let event = |name: &str, path: &str| {
            format!("        {name}: {{Type: Api, Properties: {{RestApiId: !Ref Api, Path: '{path}', Method: ANY}}}}\n")
        };
        let events = [
            event("Kept", "/things"),
            event("ThingsThingIdCopy", "/things/{thing_id}/copy"),
            event("Root", "/"),
            event("Proxy", "/{proxy+}"),
        ];
        assert_eq!(read("template.yaml").trim_end_matches(' '), events.concat());
        assert_eq!(write(&root).unwrap(), Vec::<&str>::new(), "a second time there is nothing to do");
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn nothing_is_written_where_something_is_missing() {
        let root = repository("missing");
        fs::remove_file(root.join("functions/tick.rs")).unwrap();
        assert_eq!(write(&root).unwrap_err().to_string(), "functions/tick.rs does not exist: write the function first");
        fs::write(root.join("functions/tick.rs"), "").unwrap();
        fs::write(root.join("template.yaml"), TEMPLATE.replace("Description: Each minute", "")).unwrap();
        let error = write(&root).unwrap_err().to_string();
        assert_eq!(error, "template.yaml: Resources.Tick: Properties.Description is missing");
        fs::write(root.join("template.yaml"), TEMPLATE).unwrap();
        fs::write(root.join("docs/routes.md"), "# begin: written by `cargo local routes`\n").unwrap();
        let error = write(&root).unwrap_err().to_string();
        assert!(error.starts_with("docs/routes.md needs one line that contains"), "{error}");
        assert!(!fs::read_to_string(root.join("functions/Cargo.toml")).unwrap().contains("[[bin]]"));
        fs::remove_dir_all(root).unwrap();
    }
}
