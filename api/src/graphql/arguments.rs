//! What is wrong with the arguments of one field, all of it at once. Mutations have `userErrors` for this; a query has
//! only errors, and tells each fault as one.

use domain::refusal::Refusal;

use crate::error::{Error, Result};

/// Most faults of one field that are told.
const MOST: usize = 50;

/// The faults found so far.
#[derive(Debug, Default)]
pub struct Faults(Vec<Error>);

impl Faults {
    /// The value; for a fault, which is kept, nothing.
    pub fn take<T: Default, E: Into<Error>>(&mut self, read: Result<T, E>) -> T {
        read.unwrap_or_else(|error| {
            self.0.push(error.into());
            T::default()
        })
    }

    /// The value read, if there was no fault.
    ///
    /// # Errors
    /// The first fault with all others beside it.
    pub fn settle<T>(self, value: T) -> Result<T> {
        together(self.0).map_or(Ok(value), Err)
    }
}

/// Both values.
///
/// # Errors
/// The faults of both.
pub fn both<A, B>(one: Result<A>, other: Result<B>) -> Result<(A, B)> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (Err(one), Err(other)) => Err(together(vec![one, other]).unwrap_or_else(|| Error::internal("no fault"))),
        (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

/// One error that carries all; `None` for none.
fn together(errors: Vec<Error>) -> Option<Error> {
    let mut flat = errors.into_iter().flat_map(|mut error| {
        let others = std::mem::take(&mut error.others);
        std::iter::once(error).chain(others)
    });
    let first = flat.next()?;
    Some(Error { others: flat.take(MOST - 1).collect(), ..first })
}

impl From<Refusal> for Error {
    /// A refused argument of a query: BAD_USER_INPUT with the refusal's code as its reason.
    fn from(refusal: Refusal) -> Self {
        Self { args: refusal.parameters, ..Self::input(refusal.field, refusal.code.as_str()) }
    }
}

impl From<Vec<Refusal>> for Error {
    fn from(refusals: Vec<Refusal>) -> Self {
        together(refusals.into_iter().map(Self::from).collect()).unwrap_or_else(|| Self::internal("no refusal"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(error: &Error) -> Vec<&str> {
        std::iter::once(error).chain(&error.others).filter_map(|error| error.field.as_deref()).collect()
    }

    #[test]
    fn faults_come_together_and_in_order() {
        let mut faults = Faults::default();
        assert_eq!(faults.take(Ok::<_, Error>(Some(1))), Some(1));
        assert_eq!(faults.take(Err::<Option<i32>, _>(Error::input("a", "ID_INVALID"))), None);
        faults.take(Err::<(), _>(Error::input("b", "ID_INVALID")));
        let filter = faults.settle(());
        let error = both(Err::<(), _>(Error::input("first", "PAGE_SIZE_INVALID")), filter).expect_err("three");
        assert_eq!(fields(&error), ["first", "a", "b"]);
        assert!(both(Ok(1), Faults::default().settle(2)).is_ok());
    }
}
