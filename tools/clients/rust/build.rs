//! Generates a client from each OpenAPI 3.0.3 document.

use std::{env, error::Error, fs, path::Path};

use progenitor_impl::{GenerationSettings, Generator, InterfaceStyle};

fn main() -> Result<(), Box<dyn Error>> {
    let documents = env::var("OUTHOOK_DOCUMENTS")?;
    println!("cargo::rerun-if-env-changed=OUTHOOK_DOCUMENTS");
    println!("cargo::rerun-if-changed={documents}");
    for name in ["sdelements", "flip", "akinon", "socotra", "events", "operations"] {
        let text = fs::read_to_string(Path::new(&documents).join(format!("{name}.json")))?;
        let document: openapiv3::OpenAPI = serde_json::from_str(&text)?;
        let mut settings = GenerationSettings::default();
        settings.with_interface(InterfaceStyle::Builder);
        let client = Generator::new(&settings).generate_tokens(&document)?;
        let file = Path::new(&env::var("OUT_DIR")?).join(format!("{name}.rs"));
        fs::write(file, prettyplease::unparse(&syn::parse2(client)?))?;
    }
    Ok(())
}
