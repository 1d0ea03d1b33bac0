//! `parc verify`: does the table agree with itself?

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use shared::store::{Difference, Progress};

use crate::AnyError;
use crate::place::Place;

pub(crate) async fn run(place: &Place, repair: bool) -> Result<ExitCode, AnyError> {
    let open = place.open().await?;
    let (mut items, mut different, mut mended) = (0, 0, 0);
    let mut printed = Ok(());
    let verified = open.service.store.verify(repair, |progress| match progress {
        Progress::Items(looked_at) => {
            items = looked_at;
            // A line that is written over where somebody watches, a line each elsewhere.
            let end = if io::stderr().is_terminal() { '\r' } else { '\n' };
            let _ = write!(io::stderr(), "{items} items looked at{end}");
        }
        Progress::Different(Difference { what, mended: done }) => {
            different += 1;
            mended += u64::from(done);
            let line = writeln!(io::stdout(), "{what}{}", if done { " (mended)" } else { "" });
            printed = printed.as_ref().map_err(|_| io::Error::other("standard output is closed")).and(line);
        }
    });
    verified.await?;
    open.close().await?;
    printed?;
    writeln!(io::stdout(), "{items} items, {different} differences, {mended} mended")?;
    Ok(if different == mended { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
