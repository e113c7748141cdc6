//! One runtime for all tests of the process: servers that tests share, and connections to them, belong to it.

use std::sync::LazyLock;

use tokio::runtime::{Builder, Runtime};

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime"));

/// Runs one test.
pub fn run<F: Future>(test: F) -> F::Output {
    RUNTIME.block_on(test)
}

/// Runs what a destructor cannot wait for.
pub(crate) fn later(work: impl Future<Output = ()> + Send + 'static) {
    RUNTIME.spawn(work);
}

/// A test per database: `on_both! { async fn name(backend) { … } }` is `name::sqlite` and `name::postgres`.
#[macro_export]
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($backend:ident) $body:block)+) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn test($backend: $crate::Backend) $body

            #[test]
            fn sqlite() {
                $crate::run(test($crate::Backend::Sqlite));
            }

            #[test]
            fn postgres() {
                $crate::run(test($crate::Backend::Postgres));
            }
        }
    )+};
}
