//! Appends on their way: what each one changes, and who is told once it is committed.
//!
//! In: records with their effects. Out: the appends that the high watermark has passed, that
//! failed, or whose answer is overdue.
//! Never here: applying the effects.

use std::collections::VecDeque;

use broker_types::{Monotonic, Offset, Timestamp};
use broker_wire::Str;
use bytes::Bytes;

use crate::action::{Action, AppendToken, GroupRecord, Now, RequestToken, Response};
use crate::config::Config;
use crate::group::StaticReplacement;

/// What becomes true when a record is committed.
#[derive(Debug)]
pub(crate) enum Effect {
    /// The group's offset of this partition is shown.
    Offset {
        group: Str,
        topic: Str,
        partition: i32,
    },
    /// The group is gone.
    GroupDeleted { group: Str },
    /// The generation has its assignment, which members waiting in SyncGroup get.
    Assigned {
        group: Str,
        assignments: Vec<(Str, Bytes)>,
    },
    /// A static member has a new member id.
    Replaced {
        group: Str,
        replacement: Box<StaticReplacement>,
    },
}

/// An answer that waits for a commit.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) to: RequestToken,
    pub(crate) response: Response,
}

/// One append, from the moment that it is asked for.
#[derive(Debug)]
pub(crate) struct Write {
    pub(crate) token: AppendToken,
    /// Offset after the last record. `None` until the log has taken them.
    end_offset: Option<Offset>,
    /// When whoever waits is told to try again. `None` once that has happened: the records may
    /// still be committed, but nobody waits.
    deadline: Option<Monotonic>,
    pub(crate) effects: Vec<Effect>,
    pub(crate) answer: Option<Answer>,
}

/// All appends on their way, in the order of their tokens, which is their order in the log.
#[derive(Debug, Default)]
pub(crate) struct Writes {
    next_token: u64,
    waiting: VecDeque<Write>,
    high_watermark: Offset,
}

impl Writes {
    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    fn position(&self, token: AppendToken) -> Option<usize> {
        let position = self.waiting.partition_point(|it| it.token < token);
        self.waiting
            .get(position)
            .is_some_and(|it| it.token == token)
            .then_some(position)
    }

    pub(crate) fn appended(&mut self, token: AppendToken, end_offset: Offset) {
        let position = self.position(token);
        if let Some(write) = position.and_then(|it| self.waiting.get_mut(it)) {
            assert!(write.end_offset.is_none(), "{token:?} is appended once");
            write.end_offset = Some(end_offset);
        }
    }

    /// Moves the high watermark. It never goes back while the partition is led from here.
    pub(crate) fn committed(&mut self, high_watermark: Offset) {
        self.high_watermark = self.high_watermark.max(high_watermark);
    }

    /// The next append whose records are all committed.
    pub(crate) fn next_committed(&mut self) -> Option<Write> {
        let end_offset = self.waiting.front()?.end_offset?;
        if end_offset > self.high_watermark {
            return None;
        }
        self.waiting.pop_front()
    }

    /// Takes out an append that did not happen.
    pub(crate) fn failed(&mut self, token: AppendToken) -> Option<Write> {
        let position = self.position(token)?;
        self.waiting.remove(position)
    }

    /// The next append whose answer is overdue; it is so once.
    pub(crate) fn next_overdue(&mut self, now: Monotonic) -> Option<&mut Write> {
        // All deadlines are the same time ahead, so the oldest comes first.
        let write = self.waiting.iter_mut().find(|it| it.deadline.is_some())?;
        if write.deadline.is_some_and(|it| it > now) {
            return None;
        }
        write.deadline = None;
        Some(write)
    }

    pub(crate) fn next_deadline(&self) -> Monotonic {
        self.waiting
            .iter()
            .find_map(|it| it.deadline)
            .unwrap_or(Monotonic::NEVER)
    }

    /// Forgets every append, and gives back who waits for one.
    pub(crate) fn drain_answers(&mut self) -> Vec<Answer> {
        self.waiting.drain(..).filter_map(|it| it.answer).collect()
    }
}

/// What one event may read and write beside the group that it is about.
pub(crate) struct Turn<'a> {
    pub(crate) now: Monotonic,
    pub(crate) wall: Timestamp,
    pub(crate) config: &'a Config,
    pub(crate) writes: &'a mut Writes,
    pub(crate) actions: &'a mut Vec<Action>,
}

impl<'a> Turn<'a> {
    pub(crate) fn new(
        now: Now,
        config: &'a Config,
        writes: &'a mut Writes,
        actions: &'a mut Vec<Action>,
    ) -> Turn<'a> {
        Turn {
            now: now.monotonic,
            wall: now.wall,
            config,
            writes,
            actions,
        }
    }

    pub(crate) fn respond(&mut self, token: RequestToken, response: Response) {
        self.actions.push(Action::Respond { token, response });
    }

    /// The token that the next append will have.
    pub(crate) fn next_token(&self) -> AppendToken {
        AppendToken(self.writes.next_token)
    }

    /// Asks for an append. `answer` goes out once it is committed.
    pub(crate) fn append(
        &mut self,
        records: Vec<GroupRecord>,
        effects: Vec<Effect>,
        answer: Option<Answer>,
    ) -> AppendToken {
        assert!(!records.is_empty(), "an append has records");
        let token = self.next_token();
        self.writes.next_token += 1;
        self.writes.waiting.push_back(Write {
            token,
            end_offset: None,
            deadline: Some(self.now + self.config.offsets_commit_timeout),
            effects,
            answer,
        });
        self.actions.push(Action::Append { token, records });
        token
    }

    /// Answers once the last append since `first` is committed; at once when there was none.
    pub(crate) fn answer_after(&mut self, first: AppendToken, answer: Answer) {
        match self.writes.waiting.back_mut() {
            Some(write) if write.token >= first => {
                assert!(write.answer.is_none(), "an append answers one request");
                write.answer = Some(answer);
            }
            _ => self.respond(answer.to, answer.response),
        }
    }
}
