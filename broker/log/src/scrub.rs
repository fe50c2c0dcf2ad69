//! Reading closed segments again, to find what the disk has done to them.
//!
//! In: the segments of a log that others count on. Out: how much was read; where a batch is not what was
//! written. Never here: a pause, or what becomes of the replica.
//!
//! The disk itself is read, past the page cache: that may still hold what the disk has lost.

use broker_types::{Mutant, Offset};
use broker_wire::record_batch::{BATCH_HEADER_BYTES, BatchHeader, verify_crc};

use crate::dir::Dir;
use crate::error::Error;
use crate::log::Log;
use crate::segment::Span;

/// Bytes that are read at once; larger batches are read whole.
const CHUNK_BYTES: u64 = 256 << 10;

/// Closed segments being read. Any thread may do it.
pub struct Scrub<D: Dir> {
    /// The last comes first.
    spans: Vec<Span<D>>,
    position: u64,
    /// Offset that the next batch has at least.
    expected: Offset,
}

/// What a step of it has found.
pub enum Scrubbed<D: Dir> {
    /// So many bytes were read, and are well.
    Read(u64),
    Damaged(Damage<D>),
    Done,
}

/// A closed segment with something in it that was never written.
pub struct Damage<D: Dir> {
    span: Span<D>,
    /// Where the batch begins that is not one.
    pub position: u64,
    /// An offset that the batch has, or one before it.
    pub offset: Offset,
}

impl<D: Dir> Log<D> {
    /// The closed segments that others may count on: what a start would read again is left out.
    pub fn scrub(&self) -> Scrub<D> {
        let end_offset = self.stated_end_offset().min(self.durable_end_offset());
        let view = self.view();
        let is_stated = |it: &&Span<D>| it.extent.end_offset <= end_offset;
        let mut spans: Vec<Span<D>> = view.closed.iter().take_while(is_stated).cloned().collect();
        spans.reverse();
        Scrub {
            spans,
            position: 0,
            expected: Offset::ZERO,
        }
    }
}

impl<D: Dir> Scrub<D> {
    /// Reads about a chunk. A segment that is not part of the log any more is passed over.
    pub fn step(&mut self) -> Scrubbed<D> {
        let Some(span) = self.spans.last() else {
            return Scrubbed::Done;
        };
        self.expected = self.expected.max(span.base_offset());
        if self.position >= span.extent.size {
            self.spans.pop();
            self.position = 0;
            return Scrubbed::Read(0);
        }
        // What is read wrong once may be read right again.
        let read = check(span, self.position, self.expected)
            .or_else(|_| check(span, self.position, self.expected));
        match read {
            Ok(Checked {
                length,
                next_offset,
            }) => {
                self.position += length;
                self.expected = next_offset;
                Scrubbed::Read(length)
            }
            Err(Failure::Stale) => {
                self.spans.pop();
                self.position = 0;
                Scrubbed::Read(0)
            }
            Err(Failure::Damaged { after }) => {
                let damage = Damage {
                    span: span.clone(),
                    position: self.position + after.length,
                    offset: after.next_offset,
                };
                self.spans.clear();
                Scrubbed::Damaged(damage)
            }
        }
    }
}

/// Batches that are well.
#[derive(Clone, Copy)]
struct Checked {
    length: u64,
    next_offset: Offset,
}

enum Failure {
    Stale,
    Damaged { after: Checked },
}

/// Checks the whole batches of a chunk from `position` on: one at least.
fn check<D: Dir>(span: &Span<D>, position: u64, expected: Offset) -> Result<Checked, Failure> {
    let left = span.extent.size - position;
    let mut checked = Checked {
        length: 0,
        next_offset: expected,
    };
    let mut bytes = read(span, position, left.min(CHUNK_BYTES), checked)?;
    let mut place = 0;
    while let Some(rest) = bytes.get(place..)
        && !rest.is_empty()
    {
        let damaged = Failure::Damaged { after: checked };
        let left = left - checked.length;
        let is_cut = rest.len() < BATCH_HEADER_BYTES && rest.len() as u64 != left;
        if is_cut && checked.length > 0 {
            break;
        }
        let Ok(header) = BatchHeader::parse(rest) else {
            return Err(damaged);
        };
        let size = header.size_in_bytes();
        let fits = header.base_offset >= checked.next_offset
            && header.next_offset() <= span.extent.end_offset
            && size as u64 <= left;
        if !fits {
            return Err(damaged);
        }
        if size > rest.len() {
            if checked.length > 0 {
                break;
            }
            bytes = read(span, position, size as u64, checked)?;
            continue;
        }
        let batch = rest.get(..size).unwrap_or_default();
        if verify_crc(batch).is_err() && !Mutant::IgnoreDamage.is_made() {
            return Err(damaged);
        }
        place += size;
        checked = Checked {
            length: place as u64,
            next_offset: header.next_offset(),
        };
    }
    Ok(checked)
}

fn read<D: Dir>(
    span: &Span<D>,
    position: u64,
    length: u64,
    checked: Checked,
) -> Result<Vec<u8>, Failure> {
    let damaged = Failure::Damaged { after: checked };
    let Ok(length) = usize::try_from(length) else {
        return Err(damaged);
    };
    let mut bytes = vec![0; length];
    match span.segment.file.read_durable(&mut bytes, position) {
        Ok(read) if read == length => Ok(bytes),
        Err(Error::StaleView { .. }) => Err(Failure::Stale),
        // A sector that cannot be read, or a file that is shorter than it was.
        Ok(_) | Err(_) => Err(damaged),
    }
}

impl<D: Dir> Damage<D> {
    pub(crate) fn span(&self) -> &Span<D> {
        &self.span
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use broker_types::LeaderEpoch;

    use super::*;
    use crate::dir::memory::{Call, MemoryDir, Verdict};
    use crate::log::tests::{
        FOLDER, NOW, append, batch_at, config, files, fill, log_files, names, new_log, offsets,
        open, options, sync,
    };
    use crate::{OnDamage, OpenOptions, Restart};

    /// A log of several closed segments, all of it stated.
    fn stated_log() -> (MemoryDir, Log<MemoryDir>) {
        let (dir, mut log) = new_log();
        fill(&mut log, 35);
        append(&mut log, &batch_at(&[NOW.as_millis(); 20]));
        fill(&mut log, 5);
        sync(&mut log);
        log.checkpoint().unwrap();
        sync(&mut log);
        (dir, log)
    }

    fn found(log: &Log<MemoryDir>) -> (u64, Option<Damage<MemoryDir>>) {
        let mut scrub = log.scrub();
        let mut bytes = 0;
        loop {
            match scrub.step() {
                Scrubbed::Read(more) => bytes += more,
                Scrubbed::Damaged(damage) => return (bytes, Some(damage)),
                Scrubbed::Done => return (bytes, None),
            }
        }
    }

    #[test]
    fn every_bit_of_every_closed_segment_is_looked_at() {
        let (dir, log) = stated_log();
        let view = log.view();
        let closed: u64 = view.closed.iter().map(|it| it.extent.size).sum();
        let (bytes, damage) = found(&log);
        assert_eq!(bytes, closed);
        assert!(damage.is_none() && view.closed.len() >= 3);
        for (span, name) in view.closed.iter().zip(log_files(&dir)) {
            let path = Path::new(FOLDER).join(name);
            for position in 0..span.extent.size {
                dir.flip_bit(&path, position).unwrap();
                let damage = found(&log).1;
                let found = damage.map(|it| (it.span.base_offset(), it.position));
                dir.flip_bit(&path, position).unwrap();
                // Offset and leader epoch are not part of what the CRC covers. An offset that is too
                // great is noticed at the next batch.
                let place = place_in_batch(span, position);
                match found {
                    Some((base_offset, at)) => {
                        assert_eq!(base_offset, span.base_offset());
                        assert!(
                            at <= position || place < 8,
                            "{path:?}: {at}, not {position}"
                        );
                    }
                    None => assert!((12..16).contains(&place), "{path:?} at {position}"),
                }
            }
        }
    }

    /// How far from the start of its batch a byte lies.
    fn place_in_batch(span: &Span<MemoryDir>, position: u64) -> u64 {
        let opened = span.open().unwrap();
        let mut walk = opened.walk(0);
        let mut begin = 0;
        while let Some(met) = walk.next().unwrap() {
            if met.position <= position {
                begin = met.position;
            }
        }
        position - begin
    }

    #[test]
    fn what_is_not_stated_is_left_alone() {
        let (_, mut log) = new_log();
        fill(&mut log, 40);
        sync(&mut log);
        assert_eq!(found(&log).0, 0, "the next start reads all of it");
        log.checkpoint().unwrap();
        sync(&mut log);
        assert!(found(&log).0 > 0);
    }

    #[test]
    fn a_sector_that_cannot_be_read_is_damage_and_a_segment_that_went_is_none() {
        let (dir, mut log) = stated_log();
        let mut scrub = log.scrub();
        let failed = Verdict::Fail(std::io::ErrorKind::Other);
        dir.set_policy(Some(crate::log::tests::fail(Call::Read, failed)));
        assert!(matches!(scrub.step(), Scrubbed::Damaged(_)));
        dir.set_policy(None);
        let mut scrub = log.scrub();
        log.advance_log_start_offset(log.log_end_offset()).unwrap();
        sync(&mut log);
        log.take_removal().unwrap().unwrap().perform().unwrap();
        while !matches!(scrub.step(), Scrubbed::Done) {}
    }

    #[test]
    fn a_segment_that_is_set_aside_is_missed_by_every_start_until_it_is_cut_off() {
        for place in 0..3 {
            let (dir, mut log) = stated_log();
            let path = Path::new(FOLDER).join(log_files(&dir)[place].clone());
            dir.flip_bit(&path, 70).unwrap();
            let damage = found(&log).1.unwrap();
            let base_offset = damage.span.base_offset();
            assert!(log.set_aside(&damage).unwrap());
            drop(log);
            for seed in 0..20 {
                let dir = dir.fork().crash_power(seed);
                let refused = Log::open(&files(&dir), FOLDER, &options(config(), Restart::Unclean));
                assert!(matches!(refused, Err(Error::Damaged { .. })), "{refused:?}");
                let cut = OpenOptions {
                    on_damage: OnDamage::Cut,
                    ..options(config(), Restart::Unclean)
                };
                let (mut log, _) = Log::open(&files(&dir), FOLDER, &cut).unwrap();
                assert_eq!(log.log_end_offset(), base_offset);
                assert!(names(&dir).iter().all(|it| !it.contains("damaged")));
                let end = base_offset.value();
                assert_eq!(offsets(&log), (0..end).collect::<Vec<_>>());
                log.begin_epoch(LeaderEpoch::new(2)).unwrap();
                fill(&mut log, 1);
            }
        }
    }

    #[test]
    fn damage_that_was_cut_off_meanwhile_is_no_damage() {
        let (dir, mut log) = stated_log();
        let path = Path::new(FOLDER).join(log_files(&dir)[1].clone());
        dir.flip_bit(&path, 70).unwrap();
        let damage = found(&log).1.unwrap();
        log.truncate_to(damage.span.base_offset(), NOW).unwrap();
        assert!(!log.set_aside(&damage).unwrap());
        drop(log);
        drop(open(&dir, config()));
    }
}
