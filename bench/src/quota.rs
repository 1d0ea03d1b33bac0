//! CPU quotas, as Lambda assigns CPU in proportion to memory. They need root and Linux control groups.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::AnyError;

/// Memory at which a function has one whole CPU, in MB.
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>.
const WHOLE_CPU: u32 = 1769;

/// Length of a period. A process that has used its share waits for the next period. Lambda's is not documented.
pub const PERIOD: Duration = Duration::from_millis(20);

/// A control group whose processes share part of one CPU.
#[derive(Debug)]
pub struct Quota {
    folder: PathBuf,
}

impl Quota {
    /// Creates a control group with the CPU of a function of this memory, in MB.
    ///
    /// # Errors
    /// Returns an error without root, or without control groups for CPU.
    pub fn of_memory(megabytes: u32) -> Result<Self, AnyError> {
        let period = u32::try_from(PERIOD.as_micros())?;
        let quota = period * megabytes / WHOLE_CPU;
        let name = format!("parc-bench-{}-{megabytes}", std::process::id());
        let version_1 = Path::new("/sys/fs/cgroup/cpu");
        let (folder, settings) = if version_1.is_dir() {
            let settings = [("cpu.cfs_period_us", period.to_string()), ("cpu.cfs_quota_us", quota.to_string())];
            (version_1.join(name), Vec::from(settings))
        } else {
            (Path::new("/sys/fs/cgroup").join(name), vec![("cpu.max", format!("{quota} {period}"))])
        };
        fs::create_dir(&folder)?;
        let quota = Self { folder };
        for (file, value) in settings {
            fs::write(quota.folder.join(file), value)?;
        }
        Ok(quota)
    }

    /// Returns the file that a process writes its identifier to.
    #[must_use]
    pub fn members(&self) -> PathBuf {
        self.folder.join("cgroup.procs")
    }
}

impl Drop for Quota {
    fn drop(&mut self) {
        // The kernel refuses while a killed process still ends; an empty group costs nothing.
        let _ = fs::remove_dir(&self.folder);
    }
}
