//! Compresses the files of the documentation page and names them by their content, so that browsers may
//! cache them permanently.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;
use zip::ZipArchive;

const SWAGGER_UI: [&str; 3] = ["swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png"];
const ASSETS: [&str; 2] = ["docs.js", "docs.css"];
const DOCUMENT: &str = "../openapi.json";

fn main() -> Result<(), Box<dyn Error>> {
    for source in ["build.rs", "assets", DOCUMENT] {
        println!("cargo::rerun-if-changed={source}");
    }
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let read = |name: &str| fs::read(Path::new("assets").join(name));

    let mut page = String::from_utf8(read("docs.html")?)?;
    let mut assets = String::new();
    for (name, content) in swagger_ui()?.into_iter().chain(ASSETS.map(|name| (name, read(name)))) {
        let content = content?;
        let (stem, extension) = name.rsplit_once('.').ok_or("a file name without an extension")?;
        let hash = hash(&content);
        let hashed = format!("{stem}.{hash}.{extension}");
        page = page.replace(&format!("{{{name}}}"), &hashed);
        writeln!(assets, "{},", file(&out, &hashed, &hash, &content)?)?;
    }
    let mut generated = String::new();
    writeln!(generated, "pub(super) static ASSETS: [File; {}] = [{assets}];", SWAGGER_UI.len() + ASSETS.len())?;
    for (file_name, static_name, content) in
        [("docs.html", "PAGE", page.into_bytes()), ("openapi.json", "OPENAPI", fs::read(DOCUMENT)?)]
    {
        let file = file(&out, file_name, &hash(&content), &content)?;
        writeln!(generated, "pub(super) static {static_name}: File = {file};")?;
    }
    fs::write(out.join("files.rs"), generated)?;
    Ok(())
}

type Content = std::io::Result<Vec<u8>>;

fn swagger_ui() -> Result<Vec<(&'static str, Content)>, Box<dyn Error>> {
    let mut archive = ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED))?;
    let first = archive.by_index(0)?.name()?.into_owned();
    let folder = first.split('/').next().unwrap_or_default();
    let mut files = Vec::new();
    for name in SWAGGER_UI {
        let mut content = Vec::new();
        let read = archive.by_name(&format!("{folder}/dist/{name}"))?.read_to_end(&mut content);
        files.push((name, read.map(|_| content)));
    }
    Ok(files)
}

fn hash(content: &[u8]) -> String {
    let number = Sha256::digest(content).iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    format!("{number:016x}")
}

/// Writes a file in compressed form and returns the Rust expression that embeds it.
///
/// Compressing Swagger UI takes seconds in a debug build, so a file with the same content is compressed once.
fn file(out: &Path, name: &str, hash: &str, content: &[u8]) -> Result<String, Box<dyn Error>> {
    let compressed = format!("{hash}.gz");
    let path = out.join(&compressed);
    if !path.exists() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(content)?;
        // Renamed into place, so that an interrupted build leaves no partial file.
        let partial = path.with_extension("partial");
        fs::write(&partial, encoder.finish()?)?;
        fs::rename(partial, path)?;
    }
    let bytes = format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{compressed}\"))");
    Ok(format!("File::precompressed({name:?}, {hash:?}, {bytes})"))
}
