//! Walks over compressed batches: that they agree with the walk over decompressed records wherever
//! chunks end, and what a bomb may cost.

use broker_types::Timestamp;

use super::*;
use crate::compression::{Compression, compress, decompress};
use crate::record_batch::{Batch, BatchBuilder, BatchOptions, records};

const AT: Timestamp = Timestamp::from_millis(1_700_000_000_000);

const LIMITS: Limits = Limits {
    output_bytes_max: 100 << 20,
    memory_bytes_max: 16 << 20,
};

/// A batch of records with values of these sizes.
fn batch(compression: Compression, sizes: &[usize]) -> Vec<u8> {
    let mut builder = BatchBuilder::new(BatchOptions {
        compression,
        ..BatchOptions::default()
    });
    for (index, size) in sizes.iter().enumerate() {
        let value: Vec<u8> = (0_u8..251).cycle().take(*size).collect();
        let key = index.to_be_bytes();
        builder.append(AT, Some(&key), Some(&value), &[(b"h", None)]);
    }
    builder.build().unwrap()
}

fn scan<'a>(batch: &Batch<'a>, limits: Limits) -> RecordScan<'a> {
    RecordScan::new(batch.header(), batch.records_bytes(), limits).unwrap()
}

/// The walk's end: how many records were read, and the error if there was one.
fn drain(mut scan: RecordScan<'_>) -> (usize, Option<ScanError>) {
    let mut count = 0;
    while let Some(record) = scan.next() {
        match record {
            Ok(_) => count += 1,
            Err(error) => {
                assert!(scan.next().is_none(), "nothing follows an error");
                return (count, Some(error));
            }
        }
    }
    (count, None)
}

#[test]
fn every_record_is_read_wherever_the_chunks_end() {
    let mut sizes: Vec<usize> = (0..3000).map(|it| it * 7919 % 257).collect();
    // Over several chunks, just over one, and the lengths about a varint of two and three bytes.
    sizes.extend([
        300_000, 65_536, 65_535, 65_520, 63, 64, 8_191, 8_192, 0, 5_000_000,
    ]);
    for codec in Compression::ALL {
        let bytes = batch(codec, &sizes);
        let batch = Batch::parse(&bytes).unwrap();
        let plain = decompress(codec, batch.records_bytes(), usize::MAX).unwrap();
        let mut expected = records(batch.header(), &plain);
        let mut scan = scan(&batch, LIMITS);
        while let Some(found) = scan.next() {
            let (found, expected) = (found.unwrap(), expected.next().unwrap().unwrap());
            assert!(found == expected, "{codec:?} {}", expected.offset_delta);
        }
        assert!(expected.next().is_none(), "{codec:?}");
    }
}

#[test]
fn a_varint_that_is_cut_by_the_end_of_a_chunk_is_put_together() {
    let value = vec![7; 40_000];
    for fill in 65_480..65_560 {
        let mut builder = BatchBuilder::new(BatchOptions {
            compression: Compression::Lz4,
            ..BatchOptions::default()
        });
        builder.append(AT, None, Some(&vec![1; fill]), &[]);
        builder.append(AT, None, Some(&value), &[]);
        let bytes = builder.build().unwrap();
        let (count, error) = drain(scan(&Batch::parse(&bytes).unwrap(), LIMITS));
        assert!(count == 2 && error.is_none(), "{fill} {error:?}");
    }
}

#[test]
fn bytes_too_few_and_too_many_are_errors_with_every_codec() {
    let whole = batch(Compression::None, &[10; 20_000]);
    let whole = Batch::parse(&whole).unwrap();
    let plain = whole.records_bytes();
    for codec in Compression::ALL {
        let header = BatchHeader {
            attributes: i16::from(codec.to_wire()),
            ..*whole.header()
        };
        let walk = |bytes: &[u8]| {
            let stored = compress(codec, None, bytes).unwrap();
            drain(RecordScan::new(&header, &stored, LIMITS).unwrap())
        };
        assert!(walk(plain).1.is_none());
        let (count, error) = walk(&plain[..plain.len() - 3]);
        let is_cut = matches!(
            error,
            Some(ScanError::Record(RecordError::Truncated { .. }))
        );
        assert!(count == 19_999 && is_cut, "{codec:?}");
        let (count, error) = walk(&[plain, &[0]].concat());
        let is_more = matches!(
            error,
            Some(ScanError::Record(RecordError::TooManyBytes { left: 1, .. }))
        );
        assert!(count == 20_000 && is_more, "{codec:?}");
    }
}

#[test]
fn a_checksum_that_is_wrong_at_the_end_is_an_error() {
    // gzip ends with a checksum that is read after the last record.
    let bytes = batch(Compression::Gzip, &[10; 100]);
    let batch = Batch::parse(&bytes).unwrap();
    let mut stored = batch.records_bytes().to_vec();
    let place = stored.len() - 6;
    stored[place] ^= 1;
    let (count, error) = drain(RecordScan::new(batch.header(), &stored, LIMITS).unwrap());
    let is_corrupt = matches!(
        error,
        Some(ScanError::Decompress(DecompressError::Corrupt { .. }))
    );
    assert!(is_corrupt, "{count} {error:?}");
}

#[test]
fn what_decompresses_to_too_much_ends_the_walk() {
    let limits = Limits {
        output_bytes_max: 500_000,
        memory_bytes_max: 4 << 20,
    };
    for codec in Compression::ALL {
        let bytes = batch(codec, &[1000; 1000]);
        let (_, error) = drain(scan(&Batch::parse(&bytes).unwrap(), limits));
        let is_too_large = matches!(
            error,
            Some(ScanError::Decompress(DecompressError::TooLarge { .. }))
        );
        assert!(is_too_large, "{codec:?} {error:?}");
        if codec == Compression::None {
            continue;
        }
        let bytes = batch(codec, &[10, 5_000_000, 10]);
        let limits = Limits {
            output_bytes_max: 100 << 20,
            ..limits
        };
        let (count, error) = drain(scan(&Batch::parse(&bytes).unwrap(), limits));
        let is_too_long = matches!(
            error,
            Some(ScanError::Record(RecordError::TooLong { index: 1, .. }))
        );
        assert!(count == 1 && is_too_long, "{codec:?} {error:?}");
    }
}

#[test]
fn a_codec_that_wants_more_memory_than_it_may_have_is_stopped() {
    let value = vec![0; 3 << 20];
    let mut records = BatchBuilder::new(BatchOptions::default());
    for _ in 0..8 {
        records.append(AT, None, Some(&value), &[]);
    }
    let plain = records.build().unwrap();
    let plain = Batch::parse(&plain).unwrap();
    let wide = {
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
        encoder.window_log(25).unwrap();
        std::io::Write::write_all(&mut encoder, plain.records_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let one_block = snap::raw::Encoder::new()
        .compress_vec(plain.records_bytes())
        .unwrap();
    for (codec, stored) in [(Compression::Zstd, wide), (Compression::Snappy, one_block)] {
        let header = BatchHeader {
            attributes: i16::from(codec.to_wire()),
            ..*plain.header()
        };
        let walk = |memory_bytes_max| {
            let limits = Limits {
                memory_bytes_max,
                ..LIMITS
            };
            drain(RecordScan::new(&header, &stored, limits).unwrap())
        };
        let (count, error) = walk(16 << 20);
        let is_memory = matches!(
            error,
            Some(ScanError::Decompress(DecompressError::Memory { .. }))
        );
        assert!(count < 8 && is_memory, "{codec:?} {error:?}");
        let (count, error) = walk(64 << 20);
        assert!(count == 8 && error.is_none(), "{codec:?} {error:?}");
    }
}
