//! Tests of the codecs.

use super::*;

const CODECS: [Compression; 4] = [
    Compression::Gzip,
    Compression::Snappy,
    Compression::Lz4,
    Compression::Zstd,
];

/// Bytes that compress to about a third, `length` of them.
fn text(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        b"event=order id= amount=0123456789"[(state >> 16) as usize % 33]
    };
    (0..length)
        .map(|place| if place % 3 == 0 { b'a' } else { next() })
        .collect()
}

#[test]
fn numbers_and_names_are_kafkas() {
    for (number, name) in [
        (0, "none"),
        (1, "gzip"),
        (2, "snappy"),
        (3, "lz4"),
        (4, "zstd"),
    ] {
        let codec = Compression::from_wire(number).unwrap();
        assert_eq!((codec.to_wire(), codec.name()), (number, name));
    }
    assert_eq!(Compression::from_wire(5), None);
}

#[test]
fn what_was_compressed_comes_back() {
    for codec in Compression::ALL {
        for length in [0, 1, 100, 32 * 1024, 32 * 1024 + 1, 300_000] {
            let input = text(length);
            let compressed = compress(codec, None, &input).unwrap();
            let output = decompress(codec, &compressed, length).unwrap();
            assert!(*output == *input, "{codec:?} {length}");
        }
    }
}

#[test]
fn every_level_can_be_read_and_others_are_refused() {
    let input = text(10_000);
    for codec in CODECS {
        for level in [-131_072, -1, 0, 1, 9, 10, 17, 18, 22, 23] {
            let allowed = codec.levels().is_some_and(|it| it.contains(&level));
            match compress(codec, Some(level), &input) {
                Ok(it) => {
                    assert!(allowed, "{codec:?} {level}");
                    assert_eq!(*decompress(codec, &it, input.len()).unwrap(), *input);
                }
                Err(error) => {
                    assert!(!allowed, "{codec:?} {level}");
                    assert!(matches!(error, CompressError::Level { .. }));
                }
            }
        }
    }
}

#[test]
fn nothing_decompresses_past_the_limit() {
    let zeros = vec![0; 8 << 20];
    for codec in Compression::ALL {
        let bomb = compress(codec, None, &zeros).unwrap();
        for output_bytes_max in [0, 1, 1000, zeros.len() - 1] {
            let error = decompress(codec, &bomb, output_bytes_max).unwrap_err();
            assert!(
                matches!(error, DecompressError::TooLarge { .. }),
                "{codec:?}: {error}"
            );
        }
        assert_eq!(
            decompress(codec, &bomb, zeros.len()).unwrap().len(),
            zeros.len()
        );
    }
}

#[test]
fn a_snappy_block_that_promises_more_than_it_can_hold_is_corrupt() {
    // 2^32 - 1 bytes, then nothing.
    let promise = [0xff, 0xff, 0xff, 0xff, 0x0f];
    let error = decompress(Compression::Snappy, &promise, usize::MAX).unwrap_err();
    assert!(matches!(error, DecompressError::Corrupt { .. }));
}

#[test]
fn a_stream_cut_anywhere_is_corrupt() {
    let input = text(70_000);
    for codec in CODECS {
        let whole = compress(codec, None, &input).unwrap();
        let cuts = (0..40)
            .chain((40..whole.len()).step_by(997))
            .chain(whole.len() - 5..whole.len());
        for cut in cuts {
            let result = decompress(codec, &whole[..cut], input.len());
            match result {
                // Two streams have no end mark; a cut there shows in the count of records:
                // xerial's blocks, and a zstd stream without a frame.
                Ok(output) => {
                    let is_empty_zstd = codec == Compression::Zstd && cut == 0;
                    assert!(
                        codec == Compression::Snappy || is_empty_zstd,
                        "{codec:?} {cut}"
                    );
                    assert!(output.len() < input.len(), "{codec:?} {cut}");
                }
                Err(error) => assert!(matches!(error, DecompressError::Corrupt { .. })),
            }
        }
    }
}

#[test]
fn hostile_bytes_are_errors_or_bounded_output() {
    let mut state = 7_u64;
    let mut random_below = move |end: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 1).unwrap() % end
    };
    let mut random_byte = random_below;
    let mut random_byte = move || u8::try_from(random_byte(256)).unwrap();
    for codec in CODECS {
        let whole = compress(codec, None, &text(5000)).unwrap();
        for _ in 0..3000 {
            let mut bytes = whole.clone();
            for _ in 0..=random_below(4) {
                let place = random_below(bytes.len());
                bytes[place] = random_byte();
            }
            if let Ok(output) = decompress(codec, &bytes, 6000) {
                assert!(output.len() <= 6000);
            }
            let noise: Vec<u8> = (0..random_below(64)).map(|_| random_byte()).collect();
            if let Ok(output) = decompress(codec, &noise, 6000) {
                assert!(output.len() <= 6000);
            }
        }
    }
}

#[test]
fn snappy_without_xerials_header_is_one_raw_block() {
    let input = text(100_000);
    let raw = snap::raw::Encoder::new().compress_vec(&input).unwrap();
    assert_eq!(
        *decompress(Compression::Snappy, &raw, input.len()).unwrap(),
        *input
    );
}

#[test]
fn concatenated_streams_are_read_as_one() {
    let (left, right) = (text(50_000), text(100));
    for codec in [Compression::Gzip, Compression::Snappy, Compression::Zstd] {
        let mut streams = compress(codec, None, &left).unwrap();
        streams.extend(compress(codec, None, &right).unwrap());
        let output = decompress(codec, &streams, 50_100).unwrap();
        assert_eq!(*output, [left.clone(), right.clone()].concat(), "{codec:?}");
    }
}

#[test]
fn lz4_frames_that_java_refuses_are_refused() {
    use lz4_flex::frame::{BlockMode, FrameEncoder, FrameInfo};
    let info = FrameInfo::new().block_mode(BlockMode::Linked);
    let mut encoder = FrameEncoder::with_frame_info(info, Vec::new());
    encoder.write_all(&text(200_000)).unwrap();
    let linked = encoder.finish().unwrap();
    let error = decompress(Compression::Lz4, &linked, 200_000).unwrap_err();
    assert!(matches!(error, DecompressError::Corrupt { .. }));
    let independent = compress(Compression::Lz4, None, &text(200_000)).unwrap();
    for (place, value) in [
        (0, 0x02),
        (4, independent[4] | 1),
        (4, independent[4] | 0x80),
        (5, 0xc0),
    ] {
        let mut refused = independent.clone();
        refused[place] = value;
        assert!(
            decompress(Compression::Lz4, &refused, 200_000).is_err(),
            "{place} {value:#x}"
        );
    }
}

#[test]
fn many_empty_lz4_blocks_are_read_to_the_end() {
    let mut frame = compress(Compression::Lz4, None, b"").unwrap();
    let end = frame.split_off(frame.len() - 4);
    for _ in 0..10_000 {
        frame.extend([1, 0, 0, 0, 0]);
    }
    frame.extend([3, 0, 0, 0x80]);
    frame.extend(b"abc");
    frame.extend(end);
    assert_eq!(*decompress(Compression::Lz4, &frame, 3).unwrap(), *b"abc");
}

#[test]
fn checksums_of_lz4_frames_are_checked() {
    use lz4_flex::frame::{BlockMode, FrameEncoder, FrameInfo};
    let input = text(100_000);
    let info = FrameInfo::new()
        .block_mode(BlockMode::Independent)
        .block_checksums(true)
        .content_checksum(true)
        .content_size(Some(100_000));
    let mut encoder = FrameEncoder::with_frame_info(info, Vec::new());
    encoder.write_all(&input).unwrap();
    let frame = encoder.finish().unwrap();
    assert_eq!(
        *decompress(Compression::Lz4, &frame, input.len()).unwrap(),
        *input
    );
    for place in (0..frame.len())
        .step_by(101)
        .chain(frame.len() - 8..frame.len())
    {
        let mut damaged = frame.clone();
        damaged[place] ^= 0x10;
        let result = decompress(Compression::Lz4, &damaged, input.len());
        assert!(result.is_err(), "{place}");
    }
}
