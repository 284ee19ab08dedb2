use serde::{Deserialize, Serialize};

use super::Staff;
use crate::StaffId;

/// Who decided, as it is kept with the decision and told to the backend (contract: `X-Actor`, `operator`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Kept")]
pub struct Signature {
    /// Their staff id.
    pub id: String,
    /// What people called them then.
    pub name: Option<String>,
    /// Who agreed, where a second person did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second: Option<Box<Signature>>,
}

/// Before there was staff, a decision carried whatever name was typed.
#[derive(Deserialize)]
#[serde(untagged)]
enum Kept {
    Typed(String),
    Signed {
        id: String,
        name: Option<String>,
        #[serde(default)]
        second: Option<Box<Signature>>,
    },
}

impl From<Kept> for Signature {
    fn from(kept: Kept) -> Signature {
        match kept {
            Kept::Typed(id) => Signature { id, name: None, second: None },
            Kept::Signed { id, name, second } => Signature { id, name, second },
        }
    }
}

impl Signature {
    /// The signature of a member of staff.
    pub fn of(staff: &Staff) -> Signature {
        Signature { id: staff.id.as_str().to_owned(), name: Some(staff.name.clone()), second: None }
    }

    /// The same, agreed to by somebody.
    pub fn with_second(self, second: Option<&Staff>) -> Signature {
        Signature { second: second.map(|second| Box::new(Signature::of(second))), ..self }
    }

    /// What people read: the name, or the id where there is none.
    pub fn called(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }

    /// Whether this member of staff signed.
    pub fn is_of(&self, id: &StaffId) -> bool {
        self.id == id.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_older_versions_kept_is_read() {
        let read = |text: &str| serde_json::from_str::<Signature>(text).unwrap();
        assert_eq!(read("\"ann\""), Signature { id: "ann".to_owned(), name: None, second: None });
        let second = Box::new(Signature { id: "8".to_owned(), name: None, second: None });
        let signed = Signature { id: "7".to_owned(), name: Some("小李".to_owned()), second: Some(second) };
        assert_eq!(read(&serde_json::to_string(&signed).unwrap()), signed);
        assert_eq!((signed.called(), read("\"ann\"").called()), ("小李", "ann"));
    }
}
