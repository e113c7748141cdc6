//! Access tokens: verified strictly, issued only by the demo.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::clock::new_id;
use crate::config::{self, AuthMode};
use crate::error::{Code, Error, Result};

/// Media type of an access token (RFC 9068).
const TYPE: &str = "at+jwt";
const ALGORITHMS: [Algorithm; 2] = [Algorithm::EdDSA, Algorithm::ES256];

/// What a token must say. Types are part of the check: a list or a number in place of a text is refused.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    iat: i64,
    nbf: i64,
    exp: i64,
}

/// Why the keys cannot be loaded. Stops the start.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file named in the settings.
        path: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("{path}: {reason}")]
    Content {
        /// The file named in the settings.
        path: String,
        /// What is wrong.
        reason: String,
    },
}

struct Issuer {
    kid: String,
    key: EncodingKey,
}

/// Tokens whose claims are remembered, at most.
const REMEMBERED: u64 = 50_000;
/// How long they are remembered.
const REMEMBERED_FOR: Duration = Duration::from_secs(60);

/// SHA-256 of a token: the token itself is not kept.
type Fingerprint = [u8; 32];

/// The keys tokens are verified with and, in the demo, signed with.
pub struct Tokens {
    keys: HashMap<String, (Algorithm, DecodingKey)>,
    issuer: Option<Issuer>,
    config: config::Auth,
    /// Claims of tokens whose signature was found good. Only the signature is remembered: what the claims say is judged
    /// at every use, so that a token ends on time.
    signed: Cache<Fingerprint, Arc<Claims>>,
}

impl Tokens {
    /// Loads the provider's keys, or loads or makes the demo issuer's.
    pub fn load(config: &config::Auth) -> Result<Self, KeyError> {
        match config.mode {
            AuthMode::Jwks => Self::from_jwks(config),
            AuthMode::Demo => Self::demo(config),
        }
    }

    fn from_jwks(config: &config::Auth) -> Result<Self, KeyError> {
        let path = &config.jwks_file;
        let text = std::fs::read_to_string(path).map_err(|source| KeyError::File { path: path.clone(), source })?;
        let content = |reason: String| KeyError::Content { path: path.clone(), reason };
        let set: JwkSet = serde_json::from_str(&text).map_err(|error| content(error.to_string()))?;
        let mut keys = HashMap::new();
        for jwk in &set.keys {
            let kid = jwk.common.key_id.clone().ok_or_else(|| content("a key has no kid".to_owned()))?;
            let named = jwk.common.key_algorithm.map(|algorithm| algorithm.to_string());
            let algorithm = ALGORITHMS.into_iter().find(|known| named.as_deref() == Some(&format!("{known:?}")));
            let algorithm = algorithm.ok_or_else(|| content(format!("key {kid}: alg must be EdDSA or ES256")))?;
            let key = DecodingKey::from_jwk(jwk).map_err(|error| content(format!("key {kid}: {error}")))?;
            if keys.insert(kid.clone(), (algorithm, key)).is_some() {
                return Err(content(format!("kid {kid} stands twice")));
            }
        }
        if keys.is_empty() {
            return Err(content("the key set is empty".to_owned()));
        }
        Ok(Self::new(keys, None, config))
    }

    fn demo(config: &config::Auth) -> Result<Self, KeyError> {
        let path = &config.demo_key_file;
        let content = |reason: &str| KeyError::Content { path: path.clone(), reason: reason.to_owned() };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(missing) if missing.kind() == ErrorKind::NotFound => make_key(path)?,
            Err(source) => return Err(KeyError::File { path: path.clone(), source }),
        };
        let pkcs8 = STANDARD.decode(text.trim()).map_err(|_| content("not base64"))?;
        let pair = Ed25519KeyPair::from_pkcs8(&pkcs8).map_err(|_| content("not an Ed25519 key (PKCS#8)"))?;
        let public = pair.public_key().as_ref();
        let kid: String = hex::encode(Sha256::digest(public)).chars().take(16).collect();
        let keys = HashMap::from([(kid.clone(), (Algorithm::EdDSA, DecodingKey::from_ed_der(public)))]);
        let issuer = Issuer { kid, key: EncodingKey::from_ed_der(&pkcs8) };
        Ok(Self::new(keys, Some(issuer), config))
    }

    fn new(keys: HashMap<String, (Algorithm, DecodingKey)>, issuer: Option<Issuer>, config: &config::Auth) -> Self {
        let signed = Cache::builder().max_capacity(REMEMBERED).time_to_live(REMEMBERED_FOR).build();
        Self { keys, issuer, config: config.clone(), signed }
    }

    /// The subject of a token that holds at `now`; UNAUTHENTICATED in every other case, without saying which.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<String> {
        self.check(token, now).ok_or_else(|| Error::new(Code::Unauthenticated))
    }

    fn check(&self, token: &str, now: DateTime<Utc>) -> Option<String> {
        let fingerprint = Sha256::digest(token).into();
        let claims = match self.signed.get(&fingerprint) {
            Some(claims) => claims,
            None => {
                let claims = Arc::new(self.signature(token)?);
                self.signed.insert(fingerprint, claims.clone());
                claims
            }
        };
        self.holds(&claims, now.timestamp()).then(|| claims.sub.clone())
    }

    /// The claims, if a key of ours signed exactly this token.
    fn signature(&self, token: &str) -> Option<Claims> {
        let header = decode_header(token).ok()?;
        let (algorithm, key) = self.keys.get(header.kid.as_deref()?)?;
        if header.alg != *algorithm || header.typ.as_deref() != Some(TYPE) {
            return None;
        }
        // The library checks the signature only: its defaults forgive a missing or numeric `aud`, a future `nbf` and
        // sixty seconds, and it asks the system's clock.
        let mut validation = Validation::new(*algorithm);
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        Some(decode::<Claims>(token, key, &validation).ok()?.claims)
    }

    fn holds(&self, claims: &Claims, now: i64) -> bool {
        let leeway = self.config.leeway_seconds;
        claims.iss == self.config.issuer
            && claims.aud == self.config.audience
            && !claims.sub.is_empty()
            && claims.nbf <= now.saturating_add(leeway)
            && claims.iat <= now.saturating_add(leeway)
            && claims.exp > now.saturating_sub(leeway)
            && claims.exp.saturating_sub(claims.iat) <= self.longest_life_seconds()
    }

    fn longest_life_seconds(&self) -> i64 {
        60 * match self.config.mode {
            AuthMode::Demo => self.config.demo_token_minutes,
            AuthMode::Jwks => self.config.max_token_minutes,
        }
    }

    /// A token of the demo issuer; `None` when tokens come from a provider.
    pub fn issue(&self, subject: &str, now: DateTime<Utc>) -> Option<String> {
        let issuer = self.issuer.as_ref()?;
        let now = now.timestamp();
        let claims = Claims {
            iss: self.config.issuer.clone(),
            aud: self.config.audience.clone(),
            sub: subject.to_owned(),
            iat: now,
            nbf: now,
            exp: now.saturating_add(self.longest_life_seconds()),
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(issuer.kid.clone());
        encode(&header, &claims, &issuer.key).ok()
    }
}

/// What the file holds after a new key, readable by its owner only, was put there. Of servers that start at the same
/// moment one puts its key, whole, and the others take that one.
fn make_key(path: &str) -> Result<String, KeyError> {
    let failed = |source| KeyError::File { path: path.to_owned(), source };
    let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
        .map_err(|_| KeyError::Content { path: path.to_owned(), reason: "no randomness for a key".to_owned() })?;
    if let Some(directory) = Path::new(path).parent() {
        std::fs::create_dir_all(directory).map_err(failed)?;
    }
    let draft = format!("{path}.{}", new_id().simple());
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft).map_err(failed)?;
    std::io::Write::write_all(&mut file, STANDARD.encode(document.as_ref()).as_bytes()).map_err(failed)?;
    let named = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft).map_err(failed)?;
    match named {
        Err(source) if source.kind() != ErrorKind::AlreadyExists => Err(failed(source)),
        _ => std::fs::read_to_string(path).map_err(failed),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use serde_json::{Value, json};

    use super::*;
    use crate::config::Config;

    fn tokens() -> Tokens {
        let directory = std::env::temp_dir().join(format!("osh-token-{}", uuid::Uuid::from_u128(fastrand::u128(..))));
        let mut config = Config::finish(Config::defaults()).expect("defaults").auth;
        config.demo_key_file = directory.join("key").to_string_lossy().into_owned();
        let tokens = Tokens::load(&config).expect("a new key");
        std::fs::remove_dir_all(directory).expect("made above");
        tokens
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).expect("in range")
    }

    fn sign(tokens: &Tokens, typ: &str, claims: &Value) -> String {
        let issuer = tokens.issuer.as_ref().expect("demo");
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(typ.to_owned());
        header.kid = Some(issuer.kid.clone());
        encode(&header, claims, &issuer.key).expect("signed")
    }

    #[test]
    fn an_issued_token_holds_until_it_expires() {
        let tokens = tokens();
        let token = tokens.issue("demo-worker", now()).expect("demo issues");
        assert_eq!(tokens.verify(&token, now()).expect("fresh"), "demo-worker");
        assert!(tokens.verify(&token, now() + TimeDelta::minutes(721)).is_err());
        assert!(tokens.verify(&token, now() - TimeDelta::minutes(1)).is_err());
        assert!(super::tests::tokens().verify(&token, now()).is_err(), "another key");
    }

    #[test]
    fn servers_that_start_together_have_one_key() {
        let directory = std::env::temp_dir().join(format!("osh-token-{}", uuid::Uuid::from_u128(fastrand::u128(..))));
        let mut config = Config::finish(Config::defaults()).expect("defaults").auth;
        config.demo_key_file = directory.join("key").to_string_lossy().into_owned();
        let start = || Tokens::load(&config).expect("a key").issue("demo-worker", now()).expect("demo issues");
        let tokens: Vec<String> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..16).map(|_| scope.spawn(start)).collect();
            threads.into_iter().map(|thread| thread.join().expect("started")).collect()
        });
        let last = Tokens::load(&config).expect("a key");
        assert!(tokens.iter().all(|token| last.verify(token, now()).is_ok()));
        assert_eq!(std::fs::read_dir(&directory).expect("made above").count(), 1, "a draft is left");
        std::fs::remove_dir_all(directory).expect("made above");
    }

    #[test]
    fn each_claim_is_required_with_its_type_and_value() {
        let tokens = tokens();
        let at = now().timestamp();
        let good = json!({"iss": "osh-map-demo", "aud": "osh-map", "sub": "x", "iat": at, "nbf": at, "exp": at + 60});
        assert!(tokens.verify(&sign(&tokens, TYPE, &good), now()).is_ok());
        assert!(tokens.verify(&sign(&tokens, "JWT", &good), now()).is_err());
        for (claim, value) in [
            ("aud", json!(null)),
            ("aud", json!(7)),
            ("aud", json!(["osh-map"])),
            ("aud", json!("other")),
            ("iss", json!(null)),
            ("iss", json!(1)),
            ("iss", json!("other")),
            ("sub", json!("")),
            ("sub", json!(null)),
            ("nbf", json!(at + 60)),
            ("nbf", json!(null)),
            ("iat", json!(at + 60)),
            ("iat", json!(null)),
            ("exp", json!(at - 6)),
            ("exp", json!(at + 721 * 60)),
            ("exp", json!("soon")),
            ("exp", json!(null)),
        ] {
            let mut claims = good.clone();
            let object = claims.as_object_mut().expect("object");
            match value.is_null() {
                true => object.remove(claim),
                false => object.insert(claim.to_owned(), value.clone()),
            };
            assert!(tokens.verify(&sign(&tokens, TYPE, &claims), now()).is_err(), "{claim} = {value}");
        }
    }

    #[test]
    fn a_remembered_signature_does_not_outlive_the_claims() {
        let tokens = tokens();
        let token = tokens.issue("x", now()).expect("demo issues");
        assert!(tokens.verify(&token, now()).is_ok());
        assert_eq!(tokens.signed.iter().count(), 1);
        assert!(tokens.verify(&token, now() + TimeDelta::minutes(721)).is_err(), "ended");
        assert!(tokens.verify(&token, now() - TimeDelta::minutes(1)).is_err(), "not yet");
        let (signed, signature) = token.rsplit_once('.').expect("three parts");
        let other: String = signature.chars().rev().collect();
        let changed = format!("{signed}.{other}");
        assert!(tokens.verify(&changed, now()).is_err(), "another signature");
        assert_eq!(tokens.signed.iter().count(), 1, "what is not signed is not remembered");
    }

    #[test]
    fn garbage_and_unsigned_tokens_are_refused() {
        let tokens = tokens();
        let token = tokens.issue("x", now()).expect("demo issues");
        let unsigned = format!("{}.", token.rsplit_once('.').expect("three parts").0);
        for text in ["", "a.b.c", unsigned.as_str(), &token[1..]] {
            assert!(tokens.verify(text, now()).is_err(), "{text}");
        }
    }
}
