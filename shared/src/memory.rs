//! Memory of this process.

use std::fs;

/// Returns the peak resident memory of this process in MiB, or `None` if Linux does not report it.
///
/// Source: `VmHWM` in <https://man7.org/linux/man-pages/man5/proc_pid_status.5.html>.
pub(crate) fn peak_mib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib / 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_includes_memory_that_was_freed() {
        let before = peak_mib().expect("a peak");
        drop(std::hint::black_box(vec![1_u8; 64 << 20]));
        assert!(peak_mib().expect("a peak") >= before.max(64));
    }
}
