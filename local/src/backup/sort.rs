//! Sorts the lines of an export outside of memory: sorted runs in temporary files, which are merged.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::mem::take;
use std::path::Path;

use shared::store::Section;
use tempfile::tempfile_in;

/// A line, and its place among the others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Record {
    pub(super) section: Section,
    /// The order of the lines of a section is that of this text.
    pub(super) order: String,
    pub(super) line: String,
}

/// Collects records.
pub(super) struct Sorter<'a> {
    folder: &'a Path,
    max_size: usize,
    records: Vec<Record>,
    size: usize,
    runs: Vec<File>,
}

impl<'a> Sorter<'a> {
    /// `max_size` is the number of bytes of text to keep in memory. The temporary files, one for each time that it is
    /// reached, have no name in `folder` and disappear with the process.
    pub(super) fn new(folder: &'a Path, max_size: usize) -> Self {
        Self { folder, max_size, records: Vec::new(), size: 0, runs: Vec::new() }
    }

    pub(super) fn add(&mut self, record: Record) -> io::Result<()> {
        self.size += record.order.len() + record.line.len();
        self.records.push(record);
        if self.size < self.max_size { Ok(()) } else { self.spill() }
    }

    fn spill(&mut self) -> io::Result<()> {
        self.size = 0;
        let mut records = take(&mut self.records);
        records.sort_unstable();
        let mut run = BufWriter::new(tempfile_in(self.folder)?);
        for record in &records {
            write_record(&mut run, record)?;
        }
        let mut run = run.into_inner().map_err(io::IntoInnerError::into_error)?;
        run.rewind()?;
        self.runs.push(run);
        Ok(())
    }

    /// Returns every record in order.
    pub(super) fn merge(mut self) -> io::Result<Merge> {
        self.spill()?;
        let mut merge = Merge { runs: Vec::new(), next: BinaryHeap::new() };
        for (index, run) in self.runs.into_iter().enumerate() {
            merge.runs.push(BufReader::new(run));
            merge.refill(index)?;
        }
        Ok(merge)
    }
}

/// Sorted records.
pub(super) struct Merge {
    runs: Vec<BufReader<File>>,
    /// The next record of each run, with the index of the run.
    next: BinaryHeap<Reverse<(Record, usize)>>,
}

impl Merge {
    fn refill(&mut self, index: usize) -> io::Result<()> {
        if let Some(record) = read_record(&mut self.runs[index])? {
            self.next.push(Reverse((record, index)));
        }
        Ok(())
    }
}

impl Iterator for Merge {
    type Item = io::Result<Record>;

    fn next(&mut self) -> Option<io::Result<Record>> {
        let Reverse((record, index)) = self.next.pop()?;
        Some(self.refill(index).map(|()| record))
    }
}

fn write_record(run: &mut impl Write, Record { section, order, line }: &Record) -> io::Result<()> {
    let index = Section::ALL.iter().position(|other| other == section).unwrap_or_default();
    write_number(run, index)?;
    for text in [order, line] {
        write_number(run, text.len())?;
        run.write_all(text.as_bytes())?;
    }
    Ok(())
}

/// Reads the next record; `None` at the end.
fn read_record(run: &mut BufReader<File>) -> io::Result<Option<Record>> {
    let mut first = [0; 4];
    if run.read(&mut first[..1])? == 0 {
        return Ok(None);
    }
    run.read_exact(&mut first[1..])?;
    let section = Section::ALL.get(u32::from_le_bytes(first) as usize).ok_or(io::ErrorKind::InvalidData)?;
    let [order, line] = [read_text(run)?, read_text(run)?];
    Ok(Some(Record { section: *section, order, line }))
}

fn read_text(run: &mut impl Read) -> io::Result<String> {
    let mut length = [0; 4];
    run.read_exact(&mut length)?;
    let mut bytes = vec![0; u32::from_le_bytes(length) as usize];
    run.read_exact(&mut bytes)?;
    String::from_utf8(bytes).map_err(io::Error::other)
}

fn write_number(run: &mut impl Write, number: usize) -> io::Result<()> {
    let number = u32::try_from(number).map_err(io::Error::other)?;
    run.write_all(&number.to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(section: Section, order: &str, line: &str) -> Record {
        Record { section, order: order.to_owned(), line: line.to_owned() }
    }

    #[test]
    fn runs_of_any_size_are_merged_in_order() {
        let mut rng = fastrand::Rng::with_seed(1);
        let mut records: Vec<_> = (0..1000)
            .map(|number| {
                let section = Section::ALL[rng.usize(..Section::ALL.len())];
                record(section, &format!("é{}\0\n", rng.u8(..)), &format!("{number}{}", "🥐".repeat(rng.usize(..9))))
            })
            .collect();
        let folder = tempfile::tempdir().expect("a folder");
        let sorted = |max_size| {
            let mut sorter = Sorter::new(folder.path(), max_size);
            for record in &records {
                sorter.add(record.clone()).expect("a run");
            }
            let runs = sorter.runs.len();
            assert_eq!(folder.path().read_dir().expect("a folder").count(), 0, "a temporary file has a name");
            (runs, sorter.merge().and_then(Iterator::collect::<io::Result<Vec<_>>>).expect("records"))
        };
        let all = [200, 5_000, usize::MAX].map(sorted);
        assert!(all[0].0 > 100 && all[1].0 > 2 && all[2].0 == 0);
        records.sort();
        assert!(all.iter().all(|(_, sorted)| *sorted == records));
    }

    #[test]
    fn sections_are_in_order_and_may_be_empty() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(Sorter::new(folder.path(), 1).merge().expect("a run").count(), 0);
        let mut sorter = Sorter::new(folder.path(), 1);
        for section in [Section::Others, Section::Clients, Section::History] {
            sorter.add(record(section, "", "")).expect("a run");
        }
        let sections: Vec<_> = sorter.merge().expect("runs").map(|record| record.expect("a record").section).collect();
        assert_eq!(sections, [Section::Clients, Section::History, Section::Others]);
    }
}
