//! Why a page cannot be shown, or what a form asks for cannot be done.

use shared::{
    api::{common::FieldError, operations::OperationsFailure},
    store::StoreError,
};

/// Why somebody who wants to see a page has to enter first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// They have not entered.
    NotEntered,
    /// Their session has ended.
    Ended,
}

/// Why a page cannot be shown, or what a form asks for cannot be done.
#[derive(Debug)]
pub(crate) enum Failure {
    /// There is no session, or it has ended.
    NoSession(Refused),
    /// The form does not come from a page of this session.
    Forged,
    /// The page does not take the method. Holds what it takes.
    Method(&'static str),
    /// The form is too large.
    TooLarge,
    /// There is no such event.
    NoEvent,
    /// What the operations API would answer too.
    Operations(OperationsFailure),
}

impl Failure {
    pub(crate) const NOT_FOUND: Self = Self::Operations(OperationsFailure::NotFound);

    /// What is wrong with the fields of the form or the filters of the list, if that is what is wrong.
    pub(crate) fn into_errors(self) -> Result<Vec<FieldError>, Self> {
        match self {
            Self::Operations(OperationsFailure::Invalid(errors)) => Ok(errors),
            other => Err(other),
        }
    }
}

impl From<OperationsFailure> for Failure {
    fn from(failure: OperationsFailure) -> Self {
        Self::Operations(failure)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Operations(error.into())
    }
}
