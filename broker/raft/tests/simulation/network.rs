//! The network: calls that are answered, fail, or are never heard of again.

use broker_raft::{Failure, Request, Target};

use crate::node::Message;
use crate::world::{Event, World};

impl World {
    pub(crate) fn call(&mut self, from: usize, target: Target, request: Request) {
        let to = match target {
            Target::Broker(id) => usize::try_from(id.value()).unwrap() - 1,
            Target::Bootstrap => {
                let others: Vec<usize> = (0..self.nodes.len()).filter(|it| *it != from).collect();
                self.rng.pick(&others).unwrap_or(from)
            }
        };
        self.n_calls += 1;
        let call = self.n_calls;
        let incarnation = self.nodes[from].incarnation;
        if let Some(process) = self.nodes[from].process.as_mut() {
            process.calls.insert(call, (target, to, request.clone()));
        }
        let failure = Failure::TimedOut;
        self.after(
            self.profile.call_timeout,
            Event::CallFailed {
                node: from,
                incarnation,
                call,
                failure,
            },
        );
        self.transmit(from, to, Message::Request { call, request });
    }

    pub(crate) fn transmit(&mut self, from: usize, to: usize, message: Message) {
        if self.is_faulty {
            if self.is_blocked(from, to) || self.rng.chance(self.profile.loss) {
                return;
            }
            if self.rng.chance(self.profile.duplication) {
                let delay = self.delay() * 3;
                let message = message.clone();
                self.after(delay, Event::Deliver { from, to, message });
            }
        } else if self.is_blocked(from, to) {
            return;
        }
        let delay = self.delay();
        self.after(delay, Event::Deliver { from, to, message });
    }

    pub(crate) fn delay(&mut self) -> u64 {
        if self.is_faulty && self.rng.chance(self.profile.lateness) {
            return self.rng.between(50_000, 700_000);
        }
        let longest = if self.is_faulty {
            self.profile.delay
        } else {
            2_000
        };
        self.rng.between(200, longest)
    }

    pub(crate) fn deliver(&mut self, from: usize, to: usize, message: Message) -> Option<usize> {
        match message {
            Message::Request { call, request } => {
                if self.nodes[to].process.is_none() {
                    let is_refused = self.nodes[to].has_power && !self.is_blocked(to, from);
                    let incarnation = self.nodes[from].incarnation;
                    let failure = Failure::Disconnected;
                    if is_refused {
                        let delay = self.delay();
                        let event = Event::CallFailed {
                            node: from,
                            incarnation,
                            call,
                            failure,
                        };
                        self.after(delay, event);
                    }
                    return None;
                }
                self.requested(from, to, call, request);
            }
            Message::Reply {
                call,
                request,
                reply,
            } => {
                // A duplicate has no call any more; the quorum must stand it all the same.
                let process = self.nodes[to].process.as_mut()?;
                process.calls.remove(&call);
                self.replied(to, &request, reply);
            }
        }
        Some(to)
    }

    pub(crate) fn call_failed(
        &mut self,
        place: usize,
        incarnation: u64,
        call: u64,
        failure: Failure,
    ) -> Option<usize> {
        if !self.runs(place, incarnation) {
            return None;
        }
        let now = self.clock();
        let process = self.nodes[place].process.as_mut()?;
        let (target, _, request) = process.calls.remove(&call)?;
        process.quorum.handle_failed(now, target, &request, failure);
        Some(place)
    }

    /// The calls of `caller` to `place` fail, when it can hear of that.
    pub(crate) fn reset(&mut self, caller: usize, place: usize) {
        if self.is_blocked(place, caller) {
            return;
        }
        let incarnation = self.nodes[caller].incarnation;
        let Some(process) = &self.nodes[caller].process else {
            return;
        };
        let calls = process.calls.iter().filter(|(_, (_, to, _))| *to == place);
        let calls: Vec<u64> = calls.map(|(call, _)| *call).collect();
        for call in calls {
            let failure = Failure::Disconnected;
            let event = Event::CallFailed {
                node: caller,
                incarnation,
                call,
                failure,
            };
            let delay = self.delay();
            self.after(delay, event);
        }
    }

    pub(crate) fn is_blocked(&self, from: usize, to: usize) -> bool {
        self.blocked.contains_key(&(from, to))
    }

    pub(crate) fn block(&mut self, link: (usize, usize)) {
        *self.blocked.entry(link).or_default() += 1;
    }

    pub(crate) fn unblock(&mut self, link: (usize, usize)) {
        if let Some(held) = self.blocked.get_mut(&link) {
            *held -= 1;
            if *held == 0 {
                self.blocked.remove(&link);
            }
        }
    }
}
