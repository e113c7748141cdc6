use domain::roles::{Action, MandateKind, OrganisationKind, Reach, Resource, Role};

#[test]
fn every_name_is_read_back() {
    macro_rules! round_trip {
        ($($name:ident),+) => {$(
            for value in $name::ALL {
                let text = value.as_str();
                assert_eq!(text.parse::<$name>().unwrap(), *value);
                assert!(text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{text}");
                let json = serde_json::to_string(value).unwrap();
                assert_eq!(serde_json::from_str::<$name>(&json).unwrap(), *value);
            }
        )+};
    }
    round_trip!(Role, OrganisationKind, MandateKind, Reach, Action, Resource);
    assert_eq!(Reach::SelfOnly.as_str(), "self");
    assert_eq!(serde_json::to_string(&Role::EmployerAdmin).unwrap(), "\"EMPLOYER_ADMIN\"");
}

#[test]
fn an_unknown_name_says_what_was_looked_for() {
    let error = "boss".parse::<Role>().unwrap_err();
    assert_eq!(error.to_string(), "\"boss\" is not a Role");
}
