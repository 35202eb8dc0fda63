//! `/console` and everything below it: the pages on which people see what is delivered and what is not, and steer it.

use shared::{
    app::{self, Handle},
    runtime::Error,
};

fn main() -> Result<(), Error> {
    let handle: Handle = |app, request| Box::pin(console::answer(app, request));
    app::run(handle, console::defect)
}
