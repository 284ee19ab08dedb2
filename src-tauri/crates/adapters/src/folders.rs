//! The shops of one PC: below a root folder, one data folder for each (`product.md` 2.11).
//!
//! The command line sets its shop up in the root folder itself unless it is told another one. Such a shop is found
//! here as well, so that the window shows what the command line connected.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use domain::ShopId;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::files;
use crate::settings::{self, SETTINGS_FILE};

/// The key of a shop whose data folder is the root folder itself.
pub const ROOT_KEY: &str = "root";

/// The folder of the built-in demo shop; no connected shop can have it.
pub const DEMO_FOLDER: &str = "demo";

/// As much of a shop's id as is kept for people who look into the folder.
const SLUG_LETTERS: usize = 24;

/// Hexadecimal digits behind it that tell shops apart whose ids look alike.
const HASH_DIGITS: usize = 8;

/// A shop of this PC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShopFolder {
    /// Names it in the window: [`ROOT_KEY`], or the name of its folder.
    pub key: String,
    /// Its data folder, which may not exist yet.
    pub folder: PathBuf,
    /// The shop's id; the key where the settings cannot be read.
    pub shop_id: ShopId,
    /// What people call it; the key where the settings do not tell.
    pub name: String,
}

/// Every shop that was connected below `root`, the one in the root folder first, then by key.
///
/// A shop whose settings are damaged is listed too: it opens with an error that a person can read, and must not be
/// missing without a word. Folders that carry another name than their shop's are not: they are copies that somebody
/// made, and a shop that is served twice rings and prints twice.
pub fn list(root: &Path) -> Vec<ShopFolder> {
    let mut found: Vec<ShopFolder> = below(root)
        .into_iter()
        .filter_map(|(name, folder)| {
            let known = read(&folder)?;
            match known.shop_id {
                Some(shop_id) if key_of(&shop_id) == name => Some((name, folder, shop_id, known.name)),
                Some(_) => None,
                None if has_form_of_key(&name) => {
                    ShopId::new(name.clone()).ok().map(|shop_id| (name, folder, shop_id, known.name))
                }
                None => None,
            }
        })
        .map(|(key, folder, shop_id, name)| {
            let name = name.unwrap_or_else(|| key.clone());
            ShopFolder { key, folder, shop_id, name }
        })
        .collect();
    found.sort_by(|one, other| one.key.cmp(&other.key));
    if let Some(first) = in_root(root) {
        found.retain(|shop| shop.shop_id != first.shop_id);
        found.insert(0, first);
    }
    found
}

/// Where the data of a shop are that people call `name` or, if it was never connected on this PC, will be.
pub fn folder_for(root: &Path, shop_id: &ShopId, name: &str) -> ShopFolder {
    list(root).into_iter().find(|shop| shop.shop_id == *shop_id).unwrap_or_else(|| {
        let key = key_of(shop_id);
        ShopFolder { folder: root.join(&key), name: name.to_owned(), shop_id: shop_id.clone(), key }
    })
}

/// What is known of a folder from its settings.
struct Known {
    shop_id: Option<ShopId>,
    name: Option<String>,
}

/// `None` if no shop was connected there. Read as any JSON, so that a file of a newer version tells its shop as well.
fn read(folder: &Path) -> Option<Known> {
    let unknown = Known { shop_id: None, name: None };
    let bytes = match files::read_limited(&folder.join(SETTINGS_FILE), settings::LIMIT) {
        Ok(bytes) => bytes?,
        Err(error) => {
            tracing::warn!(folder = %folder.display(), %error, "settings cannot be read");
            return Some(unknown);
        }
    };
    let Ok(document) = serde_json::from_slice::<Value>(&bytes) else { return Some(unknown) };
    let text = |name: &str| document.get("shop")?.get(name)?.as_str().map(str::to_owned);
    Some(Known { shop_id: text("id").and_then(|id| ShopId::new(id).ok()), name: text("name") })
}

fn in_root(root: &Path) -> Option<ShopFolder> {
    let Known { shop_id, name } = read(root)?;
    #[expect(clippy::expect_used, reason = "four letters have the form of an id")]
    let shop_id = shop_id.unwrap_or_else(|| ShopId::new(ROOT_KEY).expect("a shop id is well formed"));
    let (key, folder) = (ROOT_KEY.to_owned(), root.to_owned());
    Some(ShopFolder { name: name.unwrap_or_else(|| key.clone()), key, folder, shop_id })
}

/// The folders below the root, by name.
fn below(root: &Path) -> Vec<(String, PathBuf)> {
    let entries = match fs::read_dir(root) {
        Ok(entries) => entries,
        Err(error) => {
            if error.kind() != io::ErrorKind::NotFound {
                tracing::warn!(folder = %root.display(), %error, "the data folder cannot be listed");
            }
            return Vec::new();
        }
    };
    entries
        .flatten()
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()))
        .filter(|(name, folder)| name != DEMO_FOLDER && folder.is_dir())
        .collect()
}

/// The name of a shop's folder: what can be read of its id, and a piece of its hash.
///
/// An id may hold `:` and dots and differ from another in nothing but capitals, none of which is a difference between
/// file names on every system. With the hash behind it no name is one of Windows' devices (`con`, `nul`), nor `demo`.
fn key_of(shop_id: &ShopId) -> String {
    let mut slug = String::new();
    for letter in shop_id.as_str().chars() {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(SLUG_LETTERS);
    let slug = match slug.trim_end_matches('-') {
        "" => "shop",
        slug => slug,
    };
    let hash = hex::encode(Sha256::digest(shop_id.as_str()));
    format!("{slug}-{}", &hash[..HASH_DIGITS])
}

fn has_form_of_key(name: &str) -> bool {
    let is_hash = |text: &str| {
        text.len() == HASH_DIGITS && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    name.rsplit_once('-').is_some_and(|(slug, hash)| !slug.is_empty() && is_hash(hash))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Settings, example};

    fn id(text: &str) -> ShopId {
        ShopId::new(text).unwrap()
    }

    fn connect(folder: &Path, shop: &str, name: &str) {
        let mut settings = example();
        settings.shop.id = id(shop);
        settings.shop.name = name.to_owned();
        settings.save(folder).unwrap();
    }

    fn keys(root: &Path) -> Vec<String> {
        list(root).into_iter().map(|shop| shop.key).collect()
    }

    #[test]
    fn each_shop_has_a_folder_of_its_own_and_is_found_there() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(list(&root.path().join("none")), []);
        for (shop, name) in [("tea-house", "茶馆"), ("bakery", "面包房")] {
            let place = folder_for(root.path(), &id(shop), name);
            assert_eq!((place.name.as_str(), &place.folder), (name, &root.path().join(&place.key)));
            connect(&place.folder, shop, name);
            assert_eq!(folder_for(root.path(), &id(shop), "new name"), place);
        }
        let names: Vec<String> = list(root.path()).into_iter().map(|shop| shop.name).collect();
        assert_eq!(names, ["面包房", "茶馆"], "by key");
    }

    #[test]
    fn the_shop_of_the_command_line_is_found_in_the_root_and_stays_there() {
        let root = tempfile::tempdir().unwrap();
        connect(root.path(), "s1", "小店");
        connect(&folder_for(root.path(), &id("a1"), "另一家").folder, "a1", "另一家");
        let found = list(root.path());
        assert_eq!((found[0].key.as_str(), found[0].name.as_str(), found.len()), (ROOT_KEY, "小店", 2));
        assert_eq!(
            folder_for(root.path(), &id("s1"), "小店").folder,
            root.path(),
            "connected again it is the same folder"
        );
        // The same shop below as well, perhaps by an older program: it must not be served twice.
        connect(&root.path().join(key_of(&id("s1"))), "s1", "小店");
        assert_eq!(list(root.path()), found);
    }

    #[test]
    fn other_folders_are_no_shops() {
        let root = tempfile::tempdir().unwrap();
        connect(&root.path().join(DEMO_FOLDER), "demo-1", "掌柜示例小店");
        let key = key_of(&id("s1"));
        connect(&root.path().join(format!("{key} - copy")), "s1", "小店");
        fs::create_dir(root.path().join("templates")).unwrap();
        fs::write(root.path().join("window.json"), "{}").unwrap();
        assert_eq!(list(root.path()), []);
        connect(&root.path().join(&key), "s1", "小店");
        assert_eq!(keys(root.path()), [key]);
    }

    #[test]
    fn a_damaged_shop_is_listed_so_that_somebody_sees_it() {
        let root = tempfile::tempdir().unwrap();
        let shop = folder_for(root.path(), &id("s1"), "小店");
        connect(&shop.folder, "s1", "小店");
        fs::write(shop.folder.join(SETTINGS_FILE), "{").unwrap();
        let found = list(root.path());
        assert_eq!((found.len(), &found[0].key, &found[0].name), (1, &shop.key, &shop.key));
        assert!(Settings::load(&found[0].folder).is_err());
        // Of a newer version it still knows the name.
        fs::write(shop.folder.join(SETTINGS_FILE), r#"{"version":9,"shop":{"id":"s1","name":"新"}}"#)
            .unwrap();
        assert_eq!(list(root.path())[0].name, "新");
    }

    #[test]
    fn every_id_makes_a_name_that_every_file_system_takes() {
        let ids = ["s1", "S1", "CON", "nul", "com1.txt", "demo", "a:b.c-d_e", "__", "..x", "x"];
        let long = "x".repeat(64);
        let mut seen = std::collections::HashSet::new();
        for shop in ids.into_iter().filter_map(|text| ShopId::new(text).ok()).chain([id(&long)]) {
            let key = key_of(&shop);
            assert!(key.len() <= SLUG_LETTERS + 1 + HASH_DIGITS && has_form_of_key(&key), "{key}");
            assert!(
                key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            );
            assert!(!key.starts_with('-') && ShopId::new(key.clone()).is_ok(), "{key}");
            assert!(seen.insert(key), "{shop} has a name of its own");
        }
        assert_eq!(
            key_of(&id("Tea:House")),
            format!("tea-house-{}", &hex::encode(Sha256::digest("Tea:House"))[..8])
        );
    }
}
