//! The records of a decision while it is made.
//!
//! In: records. Out: the same records, each applied to the image as it came. Never here: whether
//! they should be written.

use broker_types::Durability;
use broker_wire::MetadataRecord;

use crate::image::Image;

pub(crate) struct Draft<'a> {
    image: &'a mut Image,
    durability: Durability,
    records: Vec<MetadataRecord>,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(image: &'a mut Image, durability: Durability) -> Draft<'a> {
        Draft {
            image,
            durability,
            records: Vec::new(),
        }
    }

    /// The cluster's.
    pub(crate) fn durability(&self) -> Durability {
        self.durability
    }

    /// The image with all records so far.
    pub(crate) fn image(&self) -> &Image {
        self.image
    }

    /// Adds a record.
    ///
    /// # Panics
    /// When the image cannot take it. Requests are checked before, so that would be a decision that
    /// contradicts the image it was made on, and must not be committed.
    pub(crate) fn push(&mut self, record: impl Into<MetadataRecord>) {
        let record = record.into();
        if let Err(error) = self.image.apply(&record) {
            panic!("a decision does not fit its image: {error}: {record:?}");
        }
        self.records.push(record);
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    pub(crate) fn into_records(self) -> Vec<MetadataRecord> {
        self.records
    }
}
