//! Tests of truncation: the ways in which a follower's log can part from its leader's.

use super::*;

/// The epoch of each record, by offset: a log without its records.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Epochs(Vec<u32>);

impl Epochs {
    fn end(&self) -> Offset {
        Offset::new(self.0.len() as u64)
    }
}

impl EpochEnds for Epochs {
    fn end_of(&self, leader_epoch: LeaderEpoch) -> Option<EpochEnd> {
        let first = *self.0.first()?;
        let end = self.0.iter().position(|it| leader_epoch.value() < *it);
        let end = end.unwrap_or(self.0.len());
        let known = if end == 0 { None } else { self.0.get(end - 1) };
        let known = known.map_or(leader_epoch, |it| LeaderEpoch::new(*it));
        assert!(end > 0 || leader_epoch.value() < first);
        Some(EpochEnd {
            leader_epoch: known,
            end_offset: Offset::new(end as u64),
        })
    }

    fn latest_epoch(&self) -> Option<LeaderEpoch> {
        self.0.last().map(|it| LeaderEpoch::new(*it))
    }
}

/// Lets the follower fetch from the leader until it is served records; counts the truncations.
fn reconcile(follower: &mut Epochs, leader: &Epochs) -> usize {
    for rounds in 0.. {
        let Some(last) = follower.latest_epoch() else {
            return rounds;
        };
        let Some(end) = leader.end_of(last) else {
            panic!("the leader has no records")
        };
        if !is_diverging(end, last, follower.end()) {
            return rounds;
        }
        let cut = truncation(end, &*follower, follower.end(), Offset::ZERO);
        let Truncation::To { to } = cut else {
            panic!("{cut:?} would never end")
        };
        assert!(to < follower.end());
        follower.0.truncate(usize::try_from(to.value()).unwrap());
    }
    unreachable!()
}

fn common_prefix(left: &Epochs, right: &Epochs) -> Epochs {
    let pairs = left.0.iter().zip(&right.0);
    Epochs(
        pairs
            .take_while(|(left, right)| left == right)
            .map(|(it, _)| *it)
            .collect(),
    )
}

#[test]
fn the_seven_ways_in_which_logs_part() {
    struct Case {
        name: &'static str,
        leader: &'static [u32],
        follower: &'static [u32],
        truncations: usize,
    }
    let cases = [
        Case {
            name: "A: the follower is behind in the same epoch",
            leader: &[1, 1, 1, 2, 2],
            follower: &[1, 1, 1, 2],
            truncations: 0,
        },
        Case {
            name: "B: the follower is behind by an epoch, at its very end",
            leader: &[1, 1, 2, 2],
            follower: &[1, 1],
            truncations: 0,
        },
        Case {
            name: "C: the follower has more of the leader's last epoch",
            leader: &[1, 1, 2],
            follower: &[1, 1, 2, 2, 2],
            truncations: 1,
        },
        Case {
            name: "D: the follower has more of an epoch that the leader has left",
            leader: &[1, 1, 3, 3, 3, 3],
            follower: &[1, 1, 1, 1],
            truncations: 1,
        },
        Case {
            name: "E: the follower has a last epoch that the leader never saw",
            leader: &[1, 1, 1, 3, 3],
            follower: &[1, 1, 1, 2, 2, 2, 2],
            truncations: 1,
        },
        Case {
            name: "F: fast leader changes left epochs that alternate (KIP-279)",
            leader: &[1, 2, 4, 4, 6, 6],
            follower: &[1, 2, 3, 3, 5, 5, 5],
            truncations: 2,
        },
        Case {
            name: "G: the logs share nothing",
            leader: &[3, 3, 3],
            follower: &[1, 2, 2, 2],
            truncations: 1,
        },
    ];
    for Case {
        name,
        leader,
        follower,
        truncations,
    } in cases
    {
        let leader = Epochs(leader.to_vec());
        let mut follower = Epochs(follower.to_vec());
        let common = common_prefix(&leader, &follower);
        let found = reconcile(&mut follower, &leader);
        assert_eq!(follower, common, "{name}");
        assert_eq!(found, truncations, "{name}");
    }
}

/// All pairs of logs that one history of leaders can leave: a leader of an epoch continues a log
/// that some replica had, and an epoch has one leader.
fn histories(epochs: u32) -> Vec<(Epochs, Epochs)> {
    let mut logs = [Epochs(Vec::new()), Epochs(Vec::new())];
    let mut pairs = Vec::new();
    fn grow(logs: &mut [Epochs; 2], epoch: u32, epochs: u32, pairs: &mut Vec<(Epochs, Epochs)>) {
        if epoch > epochs {
            pairs.push((logs[0].clone(), logs[1].clone()));
            pairs.push((logs[1].clone(), logs[0].clone()));
            return;
        }
        for leader in 0..2 {
            for count in 0..3 {
                for copied in 0..=count + 1 {
                    let before = logs.clone();
                    logs[leader].0.extend(std::iter::repeat_n(epoch, count));
                    if copied > 0 {
                        // The other follows: it truncates, then has all but the last few.
                        let source = logs[leader].clone();
                        let common = common_prefix(&source, &logs[1 - leader]);
                        let kept = (source.0.len() + 1 - copied).max(common.0.len());
                        logs[1 - leader] = Epochs(source.0[..kept.min(source.0.len())].to_vec());
                    }
                    grow(logs, epoch + 1, epochs, pairs);
                    *logs = before;
                }
            }
        }
    }
    grow(&mut logs, 1, epochs, &mut pairs);
    pairs
}

#[test]
fn a_follower_ends_with_the_longest_common_prefix_whatever_happened() {
    let mut parted = 0;
    for (leader, follower) in histories(4) {
        if leader.0.is_empty() {
            continue;
        }
        let mut follower = follower;
        let common = common_prefix(&leader, &follower);
        let before = follower.clone();
        if reconcile(&mut follower, &leader) > 0 {
            parted += 1;
        }
        assert_eq!(follower, common, "leader {leader:?}, follower {before:?}");
    }
    assert!(parted > 1000, "only {parted} pairs of logs part");
}

#[test]
fn a_cut_below_the_high_watermark_is_named_as_the_loss_it_is() {
    let own = Epochs(vec![1, 1, 2, 2]);
    let leader = EpochEnd {
        leader_epoch: LeaderEpoch::new(1),
        end_offset: Offset::new(9),
    };
    let judge = |high_watermark| truncation(leader, &own, own.end(), Offset::new(high_watermark));
    let to = Offset::new(2);
    assert_eq!(judge(2), Truncation::To { to });
    let high_watermark = Offset::new(3);
    assert_eq!(
        judge(3),
        Truncation::WouldLoseCommitted { to, high_watermark }
    );
}

#[test]
fn a_log_without_epochs_is_cut_to_the_leaders_word() {
    struct Unknown;
    impl EpochEnds for Unknown {
        fn end_of(&self, _: LeaderEpoch) -> Option<EpochEnd> {
            None
        }

        fn latest_epoch(&self) -> Option<LeaderEpoch> {
            None
        }
    }
    let leader = EpochEnd {
        leader_epoch: LeaderEpoch::new(1),
        end_offset: Offset::new(4),
    };
    let cut = truncation(leader, &Unknown, Offset::new(7), Offset::ZERO);
    assert_eq!(cut, Truncation::To { to: Offset::new(4) });
    let none = truncation(leader, &Unknown, Offset::new(4), Offset::ZERO);
    assert_eq!(none, Truncation::None);
}
