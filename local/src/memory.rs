//! How much memory a process has used.
//!
//! What counts is what is not backed by a file: heap, stacks, shared memory. The pages of the binary itself are left out, so that
//! a debug build and a release build of the same function can be compared. Lambda counts those too: some 10 MB of a release build.

/// The most memory, in bytes, that a process has used so far; `None` if that cannot be known, because the process has
/// ended or this is not Linux.
pub(crate) fn peak(process: u32) -> Option<u64> {
    of_status(&std::fs::read_to_string(format!("/proc/{process}/status")).ok()?)
}

/// The kernel keeps the peak of everything together (`VmHWM`), which no sample misses; what belongs to files at the moment is
/// taken off. That never falls below what is used right now.
fn of_status(status: &str) -> Option<u64> {
    let kb = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()
    };
    let highest = kb("VmHWM")?.saturating_sub(kb("RssFile")?);
    let now = kb("RssAnon")? + kb("RssShmem").unwrap_or(0);
    Some(highest.max(now) * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_counts_and_pages_of_files_do_not() {
        let status = "Name:\tf\nVmHWM:\t   50000 kB\nVmRSS:\t 30000 kB\nRssAnon:\t   12000 kB\nRssFile:\t   18000 kB\nRssShmem:\t 0 kB\n";
        assert_eq!(of_status(status), Some(32_000 * 1024));
        let small = status.replace("50000", "25000");
        assert_eq!(of_status(&small), Some(12_000 * 1024), "never less than now");
        assert_eq!(of_status("Name:\tzombie\n"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_a_process_held_for_a_moment_still_shows() {
        let before = peak(std::process::id()).unwrap();
        drop(std::hint::black_box(vec![1_u8; 64 << 20]));
        assert!(peak(std::process::id()).unwrap() >= before.min(16 << 20) + (48 << 20));
    }
}
